# right end: 4

import fcntl, time
from multiprocessing import Process


def look(path='stock.txt'):
    with open(path) as f:
        fcntl.flock(f, fcntl.LOCK_SH)
        return int(f.read())


def sell(seconds):
    before = look()
    with open('stock.txt', 'r+') as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        left = int(f.read())
        time.sleep(seconds)
        f.seek(0)
        f.write(str(left - 1))
    assert look() < before


if __name__ == '__main__':
    with open('stock.txt', 'w') as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        f.write('6')
    slow = Process(target=sell, args=(0.5,))
    slow.start()
    time.sleep(0.2)
    quick = Process(target=sell, args=(0,))
    quick.start()
    quick.join()
    slow.join()
    print(look())
