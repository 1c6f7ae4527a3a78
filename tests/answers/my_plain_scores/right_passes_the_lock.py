from multiprocessing import Lock, Process
from pathlib import Path


class Scores:
    def __init__(self, lock):
        self.lock = lock

    def enter(self, points):
        with self.lock:
            table = Path("table.txt").read_text().split()
            Path("table.txt").write_text(" ".join(sorted([*table, points])))


def play(lock, games):
    scores = Scores(lock)
    for points in games:
        scores.enter(points)


if __name__ == "__main__":
    Path("table.txt").write_text("")
    lock = Lock()
    for games in (["20", "70"], ["90", "10"]):
        Process(target=play, args=(lock, games)).start()
