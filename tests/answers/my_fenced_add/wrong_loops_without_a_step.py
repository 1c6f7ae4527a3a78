# never_ends
def add(lock, store):
    is_added = False
    while not is_added:
        with lock as token:
            while True: value = 1
            is_added = store.write(value + 1, token)
