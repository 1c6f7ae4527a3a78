# releases_a_stranger
from helpers.events import pause


def transfer(source, target, first, second, amount):
    while True:
        with first:
            try:
                if second.acquire(block=False):
                    source.write(source.read() - amount)
                    target.write(target.read() + amount)
                    return
            finally:
                second.release()  # at fault
        pause(0.001)
