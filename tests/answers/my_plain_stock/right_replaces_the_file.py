import json
import os
from multiprocessing import Lock, Process
from pathlib import Path


def deliver(lock, item, count):
    with lock:
        stock = json.loads(Path("stock.json").read_text())
        stock[item] += count
        Path("new.json").write_text(json.dumps(stock))
        os.replace("new.json", "stock.json")


if __name__ == "__main__":
    Path("stock.json").write_text('{"apples": 0, "pears": 0}')
    lock = Lock()
    vans = [Process(target=deliver, args=(lock, item, 5)) for item in ("apples", "pears")]
    for van in vans:
        van.start()
    for van in vans:
        van.join()
    print(Path("stock.json").read_text())
