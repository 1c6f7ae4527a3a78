# fault: lost update of queue.txt, lines 13 and 14
# right end: 2
# wrong end: 1
# sets its start method
import fcntl
import multiprocessing as mp
from pathlib import Path

lock = open("queue.lock", "w")

def join_queue():
    fcntl.flock(lock, fcntl.LOCK_EX)
    length = int(Path("queue.txt").read_text())
    Path("queue.txt").write_text(str(length + 1))
    fcntl.flock(lock, fcntl.LOCK_UN)

if __name__ == "__main__":
    mp.set_start_method("fork")
    Path("queue.txt").write_text("0")
    guests = [mp.Process(target=join_queue) for _ in range(2)]
    for guest in guests:
        guest.start()
    for guest in guests:
        guest.join()
    print(Path("queue.txt").read_text())
