# unsteady or deadlock
import os


def transfer(source, target, first, second, amount):
    if os.getpid() % 2:
        first, second = second, first
    with first:
        with second:
            source.write(source.read() - amount)
            target.write(target.read() + amount)
