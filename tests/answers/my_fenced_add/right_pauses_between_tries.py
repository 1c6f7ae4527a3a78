import time
from helpers.events import pause

def add(lock, store):
    is_added = False
    while not is_added:
        with lock as token:
            value = store.read()
            is_added = store.write(value + 1, token)
        time.sleep(0.1)
        pause(0.1)
