# fault: deadlock, line 14
# right end: done
# wrong end: stuck

from multiprocessing import Process, Lock
import time

def eat(name, left, right):
    print(f'{name} sits down', flush=True)
    left.acquire()
    print(f'{name} has one fork', flush=True)
    time.sleep(1.5)

    right.acquire()
    print(f'{name} eats', flush=True)
    right.release()
    left.release()

if __name__ == '__main__':
    forks = [Lock() for _ in range(3)]
    table = [Process(target=eat, args=(n, forks[i], forks[(i + 1) % 3]))
             for i, n in enumerate(['Plato', 'Kant', 'Hume'])]
    for p in table: p.start()
    for p in table: p.join()
    print('done')
