class Till:
    def __init__(self, counter, lock):
        self.counter, self.lock = counter, lock

    def add(self, depth):
        with self.lock:
            self._add_one()
            if depth > 1:
                self.add(depth - 1)

    def add_split(self, depth):
        with self.lock:
            for _ in range(depth):
                self._add_one()

    def _add_one(self):
        self.counter.write(self.counter.read() + 1)


def count_down_reentrant(counter, lock, depth):
    Till(counter, lock).add(depth)


def count_down_split(counter, lock, depth):
    Till(counter, lock).add_split(depth)
