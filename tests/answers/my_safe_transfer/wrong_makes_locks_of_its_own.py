# own_lock
from helpers.resources import Lock


def transfer(source, target, first, second, amount):
    low, high = sorted([first, second], key=lambda lock: lock.name)
    with Lock():
        with Lock():
            source.write(source.read() - amount)
            target.write(target.read() + amount)
