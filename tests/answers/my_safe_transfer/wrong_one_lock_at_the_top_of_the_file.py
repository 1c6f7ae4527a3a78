# own_lock
import multiprocessing

bank = multiprocessing.Lock()


def transfer(source, target, first, second, amount):
    with bank:
        source.write(source.read() - amount)
        target.write(target.read() + amount)
