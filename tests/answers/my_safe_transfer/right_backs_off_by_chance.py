import random
import time


def transfer(source, target, first, second, amount):
    done = False
    while not done:
        if first.acquire(timeout=0.5):
            try:
                if second.acquire(False):
                    try:
                        source.write(source.read() - amount)
                        target.write(target.read() + amount)
                        done = True
                    finally:
                        second.release()
            finally:
                first.release()
        if not done:
            time.sleep(random.uniform(0.001, 0.01))
