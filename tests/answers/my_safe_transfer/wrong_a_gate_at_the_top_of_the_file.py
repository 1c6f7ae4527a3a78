# deadlock
import multiprocessing

gate = multiprocessing.Lock()


def transfer(source, target, first, second, amount):
    with gate:
        first.acquire()  # at fault
        second.acquire()  # at fault
    try:
        source.write(source.read() - amount)
        target.write(target.read() + amount)
    finally:
        second.release()
        first.release()
