# fault: lost update of votes.txt, lines 14 and 16
# right end: 3
# wrong end: 1 or 2
import time
from multiprocessing import Pool, SimpleQueue


def begin(delays):
    time.sleep(delays.get())


def vote(number):
    with open("votes.txt") as file:
        votes = int(file.read())
    with open("votes.txt", "w") as file:
        file.write(str(votes + number))


if __name__ == "__main__":
    with open("votes.txt", "w") as file:
        file.write("0")
    delays = SimpleQueue()
    for seconds in 0, 0.5:
        delays.put(seconds)
    with Pool(2, begin, (delays,)) as pool:
        pool.map(vote, (1, 2), chunksize=1)
    with open("votes.txt") as file:
        print(file.read())
