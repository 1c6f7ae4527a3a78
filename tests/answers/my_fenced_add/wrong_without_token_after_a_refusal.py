# no_token
def add(lock, store):
    with lock as token:
        if not store.write(store.read() + 1, token):
            store.write(store.read() + 1)  # at fault
