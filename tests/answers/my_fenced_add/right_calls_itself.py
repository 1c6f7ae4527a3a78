def add(lock, store):
    with lock as token:
        value = store.read()
        done = store.write(value + 1, token)
    if not done:
        add(lock, store)
