import multiprocessing
from pathlib import Path


def share(lock_of_all):
    global lock
    lock = lock_of_all


def play(games):
    for points in games:
        with lock:
            table = Path("table.txt").read_text().split()
            Path("table.txt").write_text(" ".join(sorted([*table, points])))


if __name__ == "__main__":
    Path("table.txt").write_text("")
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(2, share, [spawn.Lock()]) as pool:
        pool.map(play, [["20", "70"], ["90"]], chunksize=1)
    print(Path("table.txt").read_text())
