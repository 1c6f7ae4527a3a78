# lock_kept
def add(lock, store):
    is_added = False
    while not is_added:
        if True:
            token = lock.__enter__()
            value = store.read()
            is_added = store.write(value + 1, token)
