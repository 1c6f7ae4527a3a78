# right end: 6 lines, 3 runs, 3 builds, 3 copies

import fcntl, os, time
from multiprocessing import Process

def add_one(name):
    with open(name) as f: n = int(f.read())
    with open(name, 'w') as f: f.write(str(n + 1))

def work(i):
    while True:
        try:
            fd = os.open('run.lock', os.O_CREAT | os.O_EXCL | os.O_WRONLY)
            break
        except FileExistsError:
            time.sleep(0.01)
    try:
        add_one('runs.txt')
    finally:
        os.close(fd)
        os.unlink('run.lock')
    while True:
        try: os.mkdir('build.lock')
        except FileExistsError: time.sleep(.01)
        else: break
    add_one('builds.txt')
    os.rmdir('build.lock')
    with open('copy.lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        add_one('copies.txt')
    for word in 'begin', 'end':
        with open('log.txt', 'a') as log: log.write(f'{word}\n')

if __name__ == '__main__':
    for name in 'runs.txt', 'builds.txt', 'copies.txt':
        with open(name, 'w') as f: f.write('0')
    jobs = [Process(target=work, args=(i,)) for i in range(3)]
    [j.start() for j in jobs], [j.join() for j in jobs]
    runs, builds, copies = [open(f'{name}.txt').read() for name in ('runs', 'builds', 'copies')]
    print(f'{len(open("log.txt").readlines())} lines, {runs} runs, {builds} builds, {copies} copies')
