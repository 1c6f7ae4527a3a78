# wrong_value
def add(lock, store):
    is_added = False
    while not is_added:
        with lock as token:
            is_added = store.write(2, token)
