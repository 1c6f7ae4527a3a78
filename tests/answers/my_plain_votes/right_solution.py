import os
from multiprocessing import Lock, Process
from pathlib import Path


def report(lock, station, counts):
    for count in counts:
        with lock:
            total = int(Path("votes.txt").read_text())
            Path(f"{station}.new").write_text(str(total + count))
            os.replace(f"{station}.new", "votes.txt")


if __name__ == "__main__":
    Path("votes.txt").write_text("0")
    lock = Lock()
    counted = {"north": [3, 4], "south": [5, 6]}
    stations = [Process(target=report, args=(lock, *each)) for each in counted.items()]
    for station in stations:
        station.start()
    for station in stations:
        station.join()
    print(Path("votes.txt").read_text(), "votes")
