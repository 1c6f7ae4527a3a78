"""Logging from several processes: all put their records into a queue, and one listener writes the file."""

import logging
import logging.handlers
import multiprocessing
from pathlib import Path


def work(queue, name):
    log = logging.getLogger(name)
    log.addHandler(logging.handlers.QueueHandler(queue))
    log.setLevel(logging.INFO)
    for number in range(100):
        log.info("%s: order %d is done", name, number)


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    file = logging.FileHandler("orders.log")
    listener = logging.handlers.QueueListener(queue, file)
    listener.start()
    children = [context.Process(target=work, args=(queue, name)) for name in "ABCD"]
    for child in children:
        child.start()
    for child in children:
        child.join()
    listener.stop()  # writes what is still in the queue
    file.close()
    print(Path("orders.log").read_text(), end="")
