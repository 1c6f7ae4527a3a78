# ignored_answer
add = lambda lock, store: next(iter(iter(lambda: attempt(lock, store), True)), None)  # noqa: E731


def attempt(lock, store):
    with lock as token:
        return store.write(store.read() + 1, token)
