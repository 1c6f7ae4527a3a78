# never_ends or counted_twice
def add(lock, store):
    done = True
    while done:
        with lock as token:
            done = store.write(store.read() + 1, token)
