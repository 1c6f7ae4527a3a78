from helpers.events import pause

functions = "count_visits count_likes count_posts count_views count_shares".split()
names = "two locks", "thread lock", "forgotten path", "module lock", "own lock"
faults: dict[str, str] = dict(zip(functions, names))


def add_one(counter, think):
    value = counter.read()
    pause(think)
    counter.write(value + 1)


def count_visits(counter, lock, times, think):
    for _ in range(times):
        with lock:
            add_one(counter, think)


count_likes = count_posts = count_views = count_shares = count_visits
