import random

def add(lock, store):
    is_added = False
    while not is_added:
        with lock as token:
            random.random(); value = store.read()
            is_added = store.write(value + 1, token)
