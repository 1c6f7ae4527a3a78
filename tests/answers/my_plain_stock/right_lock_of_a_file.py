import fcntl
import json
from multiprocessing import Process
from pathlib import Path


def deliver(item, count):
    with Path("stock.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        stock = json.loads(Path("stock.json").read_text())
        stock[item] += count
        Path("stock.json").write_text(json.dumps(stock))


if __name__ == "__main__":
    Path("stock.json").write_text('{"apples": 0, "pears": 0}')
    vans = [Process(target=deliver, args=(item, 5)) for item in ("apples", "pears")]
    for van in vans:
        van.start()
    for van in vans:
        van.join()
    print(Path("stock.json").read_text())
