# wrong_value
def add(lock, store):
    value = None
    while True:
        with lock as token:
            if value is None:
                value = store.read()  # at fault
            if store.write(value + 1, token):
                return
