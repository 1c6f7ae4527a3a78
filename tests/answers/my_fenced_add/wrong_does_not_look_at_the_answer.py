# ignored_answer
def add(lock, store):
    is_added = False
    while not is_added:
        with lock as token:
            value = store.read()
            is_added = True; store.write(value + 1, token)
