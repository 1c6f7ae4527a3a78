# fault: lost update of visits.txt, line 18
# right end: visits: 3
# wrong end: visits: 1 to 2
# sets its start method
from multiprocessing import get_context
from pathlib import Path
from time import sleep

ctx = get_context("fork")
visits = Path("visits.txt")
visits.write_text("0")


def visit(delay):
    sleep(delay)
    lock = ctx.Lock()
    with lock:
        visits.write_text(str(int(visits.read_text()) + 1))


ps = [ctx.Process(target=visit, args=(0.15 * i,)) for i in range(3)]
[p.start() for p in ps]
[p.join() for p in ps]
print("visits:", visits.read_text())
