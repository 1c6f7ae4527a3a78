# raised
import sys

def add(lock, store):
    if True:
        with lock as token:
            value = store.read()
            sys.exit(not store.write(value + 1, token))
