"""Import a module with a function `work`, then let a child of each start method call it twice.

The last line that begins with "told: " says what came back, as JSON: the module may print what it likes.
"""

import importlib
import json
import multiprocessing
import os
import sys


def tell(queue, work, *lists):
    queue.put((os.getpid(), [work(numbers) for numbers in lists]))


if __name__ == "__main__":
    folder, name, lists = sys.argv[1:]
    sys.path.insert(0, folder)
    work = importlib.import_module(name).work
    told = {}
    for method in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context(method)
        queue = context.SimpleQueue()
        child = context.Process(target=tell, args=(queue, work, *json.loads(lists)))
        child.start()
        child.join()
        told[method] = None if queue.empty() else queue.get()
    print(f"\ntold: {json.dumps(told)}")
