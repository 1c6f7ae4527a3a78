from operator import attrgetter

BY_NAME = attrgetter("name")


def transfer(source, target, first, second, amount):
    locks = (first, second)
    with min(locks, key=BY_NAME), max(locks, key=BY_NAME):
        source.write(source.read() - amount)
        target.write(target.read() + amount)
