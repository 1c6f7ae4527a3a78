# wrong_value
NUMBER = 0


def add(lock, store):
    global NUMBER
    NUMBER += 1
    is_added = False
    while not is_added:
        with lock as token:
            is_added = store.write(2 - NUMBER % 2, token)
