# collides
from multiprocessing import Lock, Process
from pathlib import Path

TOTAL = Path("rain.txt")


def add(lock, readings):
    for reading in readings:
        rain = int(TOTAL.read_text()) + int(reading)
        with lock:
            TOTAL.write_text(str(rain))


if __name__ == "__main__":
    TOTAL.write_text("0")
    lock = Lock()
    gauges = [Process(target=add, args=(lock, texts)) for texts in (["4", "wet"], ["7", "2"])]
    for gauge in gauges:
        gauge.start()
    for gauge in gauges:
        gauge.join()
    print(TOTAL.read_text())
