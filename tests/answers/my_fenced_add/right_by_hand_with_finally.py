def add(lock, store):
    while True:
        token = lock.__enter__()
        try:
            value = store.read()
            if store.write(value + 1, token):
                break
        finally:
            lock.__exit__(None, None, None)
