# wrong_value
def add(lock, store):
    value = store.read()  # at fault
    is_added = False
    while not is_added:
        with lock as token:
            is_added = store.write(value + 1, token)
