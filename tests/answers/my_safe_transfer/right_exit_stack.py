from contextlib import ExitStack


def transfer(source, target, first, second, amount):
    with ExitStack() as stack:
        for lock in sorted((first, second), key=lambda lock: lock.name, reverse=True):
            stack.enter_context(lock)
        balance = source.read()
        source.write(balance - amount)
        balance = target.read()
        target.write(balance + amount)
