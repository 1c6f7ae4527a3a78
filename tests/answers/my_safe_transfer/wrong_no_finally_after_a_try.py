# exception_keeps_lock
from helpers.events import pause


def transfer(source, target, first, second, amount):
    while True:
        with first:
            if second.acquire(block=False):  # at fault
                if True:
                    source.write(source.read() - amount)
                    target.write(target.read() + amount)
                    second.release()
                    return
        pause(0.001)
