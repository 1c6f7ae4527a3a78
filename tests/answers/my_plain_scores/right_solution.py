from multiprocessing import Lock, Process
from pathlib import Path


class Scores:
    def __init__(self):
        self.lock = Lock()

    def enter(self, points):
        with self.lock:
            table = Path("table.txt").read_text().split()
            Path("table.txt").write_text(" ".join(sorted([*table, points])))


def play(scores, games):
    for points in games:
        scores.enter(points)


if __name__ == "__main__":
    Path("table.txt").write_text("")
    scores = Scores()
    for games in (["20", "70"], ["90", "10"]):
        Process(target=play, args=(scores, games)).start()
