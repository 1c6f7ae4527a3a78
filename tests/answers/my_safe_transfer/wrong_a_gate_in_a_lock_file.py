# waits_elsewhere
from filelock import FileLock


def transfer(source, target, first, second, amount):
    with FileLock("gate.lock"), first, second:
        source.write(source.read() - amount)
        target.write(target.read() + amount)
