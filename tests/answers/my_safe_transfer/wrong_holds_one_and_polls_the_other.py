# keeps_trying
from helpers.events import pause


def transfer(source, target, first, second, amount):
    with first:
        while not second.acquire(block=False):
            pause(0.001)
        try:
            source.write(source.read() - amount)
            target.write(target.read() + amount)
        finally:
            second.release()
