# fewer_processes
import os
from multiprocessing import Process
from pathlib import Path


def report(station, counts):
    for count in counts:
        total = int(Path("votes.txt").read_text())
        Path(f"{station}.new").write_text(str(total + count))
        os.replace(f"{station}.new", "votes.txt")


if __name__ == "__main__":
    Path("votes.txt").write_text("0")
    counted = {"north": [3, 4], "south": [5, 6]}
    stations = [Process(target=report, args=each) for each in counted.items()]
    for station in stations:
        station.run()
    print(Path("votes.txt").read_text(), "votes")
