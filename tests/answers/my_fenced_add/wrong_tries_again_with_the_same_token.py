# never_ends
def add(lock, store):
    is_added = False
    while not is_added:
        with lock as token:
            value = store.read()
            while not store.write(value + 1, token): pass
            is_added = True
