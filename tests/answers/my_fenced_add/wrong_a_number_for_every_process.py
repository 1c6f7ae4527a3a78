# wrong_value or counted_twice
import os

mine = {}


def add(lock, store):
    mine[os.getpid()] = mine.get(os.getpid(), 5) + 1
    with lock as token:
        store.write(mine[os.getpid()], token)
