# unsteady or deadlock or not_confirmed
import random


def transfer(source, target, first, second, amount):
    first, second = random.sample([first, second], 2)
    with first:
        with second:
            source.write(source.read() - amount)
            target.write(target.read() + amount)
