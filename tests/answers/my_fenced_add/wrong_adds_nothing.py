# wrong_value
def add(lock, store):
    is_added = False
    while not is_added:
        with lock as token:
            value = store.read()
            is_added = store.write(value, token)
