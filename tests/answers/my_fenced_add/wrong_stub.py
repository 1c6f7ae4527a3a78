# no_token
def add(lock, store):
    with lock:
        value = store.read()
        store.write(value + 1)  # at fault
