from helpers.events import pause


def take(lock):
    while not lock.acquire(block=False):
        pause(0.002)


def transfer(source, target, first, second, amount):
    low, high = sorted([first, second], key=lambda lock: lock.name)
    take(low)
    try:
        take(high)
        try:
            source.write(source.read() - amount)
            target.write(target.read() + amount)
        finally:
            high.release()
    finally:
        low.release()
