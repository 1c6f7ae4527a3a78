def add(lock, store):
    with lock as token:
        if not store.write(store.read() + 1, token):
            add(lock, store)
