# right end: 6

from multiprocessing import JoinableQueue, Process, Queue

def producer(names, count):
    for i in range(count):
        name = 'page_%d.html' % i
        with open(name, 'w') as f:
            f.write('x' * i)
        names.put(name)
    names.put(None)
    names.join()
    with open(name, 'a') as f:
        f.write('!')

def consumer(names, sizes):
    while (name := names.get()) is not None:
        with open(name) as f:
            sizes.put(len(f.read()))
        with open(name, 'w') as f:
            f.write('seen')
        names.task_done()
    names.task_done()

if __name__ == '__main__':
    names, sizes = JoinableQueue(), Queue()
    a = Process(target=producer, args=(names, 4))
    b = Process(target=consumer, args=(names, sizes))
    a.start(); b.start()
    print(sum(sizes.get() for _ in range(4)))
    a.join(); b.join()
