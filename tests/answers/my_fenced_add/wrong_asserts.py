# raised
def add(lock, store):
    if True:
        with lock as token:
            value = store.read()
            assert store.write(value + 1, token)
