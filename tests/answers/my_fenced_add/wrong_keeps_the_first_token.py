# never_ends
FIRST = []


def add(lock, store):
    done = False
    while not done:
        with lock as token:
            FIRST.append(token)
            done = store.write(store.read() + 1, FIRST[0])
