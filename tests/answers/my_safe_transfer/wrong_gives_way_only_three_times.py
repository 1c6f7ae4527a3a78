# deadlock
import time


def transfer(source, target, first, second, amount):
    for _ in range(3):
        with first:
            if second.acquire(block=False):
                try:
                    source.write(source.read() - amount)
                    target.write(target.read() + amount)
                    return
                finally:
                    second.release()
        time.sleep(0.001 * amount)
    with first:  # at fault
        with second:  # at fault
            source.write(source.read() - amount)
            target.write(target.read() + amount)
