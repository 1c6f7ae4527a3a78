# collides
import multiprocessing
from pathlib import Path

spawn = multiprocessing.get_context("spawn")
lock = spawn.Lock()


def play(games):
    for points in games:
        if True:
            table = Path("table.txt").read_text().split()
            Path("table.txt").write_text(" ".join(sorted([*table, points])))


if __name__ == "__main__":
    Path("table.txt").write_text("")
    players = [spawn.Process(target=play, args=(games,)) for games in (["20", "70"], ["90"])]
    for player in players:
        player.start()
    for player in players:
        player.join()
    print(Path("table.txt").read_text())
