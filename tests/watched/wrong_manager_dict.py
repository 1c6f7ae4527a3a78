# fault: lost update of d['apples'], line 9
# right end: {'apples': 3, 'pears': 1}
# wrong end: {'apples': 1 to 3, 'pears': 1}
from multiprocessing import Manager, Process
from time import sleep

def count(d, word, delay):
    sleep(delay)
    d[word] += 1

if __name__ == '__main__':
    with Manager() as manager:
        d = manager.dict(apples=0, pears=0)
        words = ['apples', 'pears', 'apples', 'apples']
        job = [Process(target=count, args=(d, w, i / 10)) for i, w in enumerate(words)]
        _ = [p.start() for p in job]
        _ = [p.join() for p in job]
        print(d.copy())
