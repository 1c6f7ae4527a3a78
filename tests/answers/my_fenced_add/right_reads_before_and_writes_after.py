def add(lock, store):
    while True:
        before = store.read()
        with lock as token:
            now = store.read()
        print("was", before, end=" ")
        if store.write(now + 1, token):
            return
