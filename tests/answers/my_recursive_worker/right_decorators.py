from functools import wraps


def locked(function):
    @wraps(function)
    def wrapper(counter, lock, depth):
        with lock:
            return function(counter, lock, depth)

    return wrapper


@locked
def count_down_reentrant(counter, lock, depth):
    _add(counter)
    if depth > 1:
        count_down_reentrant(counter, lock, depth - 1)


@locked
def count_down_split(counter, lock, depth):
    _go_down(counter, depth)


def _go_down(counter, depth):
    _add(counter)
    return _go_down(counter, depth - 1) if depth > 1 else None


def _add(counter):
    number = counter.read()
    counter.write(number + 1)
