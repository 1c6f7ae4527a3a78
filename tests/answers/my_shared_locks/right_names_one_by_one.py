from helpers.events import pause

faults = {
    "count_visits": "?",
    "count_likes": "?",
    "count_posts": "?",
    "count_views": "?",
    "count_shares": "?",
}
faults["count_visits"] = "two locks"
faults["count_likes"] = "thread lock"
faults["count_posts"] = "forgotten path"
faults["count_views"] = "module lock"
faults["count_shares"] = "own lock"


def add_one(counter, think):
    value = counter.read()
    pause(think)
    counter.write(value + 1)


def count_visits(counter, lock, times, think):
    for _ in range(times):
        with lock:
            add_one(counter, think)


count_likes = count_posts = count_views = count_shares = count_visits
