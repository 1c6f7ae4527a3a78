# wrong_amount or goes_on_without_lock
import time


def transfer(source, target, first, second, amount):
    with first:
        source.write(source.read() - amount)  # at fault
        if second.acquire(timeout=0.01):
            try:
                target.write(target.read() + amount)
                return
            finally:
                second.release()
    time.sleep(0.001)
    transfer(source, target, first, second, amount)
