# ignored_answer
def add(lock, store):
    if True:
        with lock as token:
            value = store.read()
            is_added = store.write(value + 1, token)
