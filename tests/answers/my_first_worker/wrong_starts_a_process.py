# crashed
import multiprocessing
import os


def _inner(numbers, queue):
    queue.put((os.getpid(), sum(numbers)))


def work(numbers):
    context = multiprocessing.get_context("spawn")
    queue = context.SimpleQueue()
    child = context.Process(target=_inner, args=(numbers, queue))
    child.start()
    found = queue.get()
    child.join()
    return found
