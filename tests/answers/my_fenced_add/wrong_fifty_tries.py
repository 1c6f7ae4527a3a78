# gives_up
def add(lock, store):
    is_added = False
    for _ in range(50):
        if is_added:
            return
        with lock as token:
            value = store.read()
            is_added = store.write(value + 1, token)
