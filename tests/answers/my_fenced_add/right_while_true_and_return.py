def add(lock, store):
    while True:
        with lock as token:
            if store.write(store.read() + 1, token):
                return
