# deadlock
import time


def transfer(source, target, first, second, amount):
    while not first.acquire(block=False):
        time.sleep(0.001)
    try:
        with second:  # at fault
            source.write(source.read() - amount)
            target.write(target.read() + amount)
    finally:
        first.release()
