# no_token
def add(lock, store):
    is_added = False
    while not is_added:
        with lock as token:
            value = store.read()
            is_added = store.write(value + 1, token + 1)  # at fault
