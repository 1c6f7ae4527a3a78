# wrong_value
done = set()


def add(lock, store):
    while "it" not in done:
        with lock as token:
            if store.write(store.read() + 1, token):
                done.add("it")
