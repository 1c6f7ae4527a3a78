# collides
# under fork there is one, under spawn one for each process
from multiprocessing import Lock, Process
from pathlib import Path


class Scores:
    lock = Lock()

    def enter(self, points):
        with self.lock:
            table = Path("table.txt").read_text().split()
            Path("table.txt").write_text(" ".join(sorted([*table, points])))


def play(games):
    scores = Scores()
    for points in games:
        scores.enter(points)


if __name__ == "__main__":
    Path("table.txt").write_text("")
    for games in (["20", "70"], ["90", "10"]):
        Process(target=play, args=(games,)).start()
