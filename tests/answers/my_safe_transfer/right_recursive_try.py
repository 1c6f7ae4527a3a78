import time


def transfer(source, target, first, second, amount, wait=0.001):
    if not attempt(source, target, first, second, amount):
        time.sleep(wait)
        transfer(source, target, first, second, amount, min(2 * wait, 0.05))


def attempt(source, target, first, second, amount):
    with first:
        if not second.acquire(block=False):
            return False
        try:
            source.write(source.read() - amount)
            target.write(target.read() + amount)
        finally:
            second.release()
    return True
