# gives_up
from helpers.events import pause


def transfer(source, target, first, second, amount):
    for _ in range(50):  # at fault
        with first:
            if second.acquire(block=False):
                try:
                    source.write(source.read() - amount)
                    target.write(target.read() + amount)
                    return
                finally:
                    second.release()
        pause(0.001)
