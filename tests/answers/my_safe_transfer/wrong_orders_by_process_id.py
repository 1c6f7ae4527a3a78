# unsteady or deadlock
import os


def transfer(source, target, first, second, amount):
    if os.getpid() % 2:
        first, second = second, first
    with first:  # at fault
        with second:  # at fault
            source.write(source.read() - amount)
            target.write(target.read() + amount)
