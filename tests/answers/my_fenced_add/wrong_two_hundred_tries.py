# gives_up
def add(lock, store):
    for _ in range(200):
        with lock as token:
            if store.write(store.read() + 1, token):
                return
    raise RuntimeError("the store refuses everything")
