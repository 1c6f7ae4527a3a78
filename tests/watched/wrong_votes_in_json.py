# fault: lost update of votes.json, lines 12 and 19
# right end: {'tea': 1, 'coffee': 1}
# wrong end: {'tea': 1} or {'coffee': 1}

import json
import time
from multiprocessing import Process


def load():
    with open("votes.json") as f:
        return json.load(f)


def vote(drink):
    votes = load()
    votes[drink] = votes.get(drink, 0) + 1
    with open("votes.json", "w") as f:
        json.dump(votes, f)


def start(drink):
    p = Process(target=vote, args=(drink,))
    p.start()
    time.sleep(0.2)
    return p


if __name__ == "__main__":
    with open("votes.json", "w") as f:
        json.dump({}, f)
    for p in [start("tea"), start("coffee")]:
        p.join()
    print(load())
