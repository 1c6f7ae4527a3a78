# own_lock
import os

from filelock import FileLock


def transfer(source, target, first, second, amount):
    with FileLock(os.path.join(os.getcwd(), "bank.lock")):
        source.write(source.read() - amount)
        target.write(target.read() + amount)
