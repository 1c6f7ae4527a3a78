# never_ends
def add(lock, store):
    with lock as token:
        done = store.write(store.read() + 1, token)
    while not done:
        done = store.write(store.read() + 1, token)
