# fault: lost update of hits.txt, lines 12 and 13
# right end: b'2'
# wrong end: b'1'

import os, sys, threading, time
from multiprocessing import Process

lock = threading.Lock()

def hit(i):
    with lock:
        with open('hits.txt', 'rb') as f: n = int(f.read() or b'0')
        with open('hits.txt', 'wb') as f: f.write(b'%d' % (n + 1))

def main():
    open('hits.txt', 'w').close()
    jobs = []
    for i in range(2):
        job = Process(target=hit, args=(i,), daemon=True)
        job.start(); jobs.append(job)
        time.sleep(0.25)
    for job in jobs: job.join()
    print(open('hits.txt', 'rb').read())
    return 0

if __name__ == '__main__':
    sys.exit(main())
