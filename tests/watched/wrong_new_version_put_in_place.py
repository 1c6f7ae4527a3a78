# fault: lost update of users.json, lines 12 and 16
# right end: 2
# wrong end: 1
import json
import os
import tempfile
from multiprocessing import Process


def add(name, path="users.json"):
    with open(path) as file:
        users = json.load(file)
    users.append(name)
    with tempfile.NamedTemporaryFile("w", dir=".", delete=False) as new:
        json.dump(users, new)
    os.replace(new.name, path)


if __name__ == "__main__":
    with open("users.json", "w") as file:
        json.dump([], file)
    jobs = [Process(target=add, args=(name,)) for name in ("ann", "ben")]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    with open("users.json") as file:
        print(len(json.load(file)))
