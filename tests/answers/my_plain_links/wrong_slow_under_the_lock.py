# slow_under_lock
import time
from multiprocessing import Pool, Value


def share(value):
    global broken
    broken = value


def visit(link):
    with broken.get_lock():
        time.sleep(0.05)  # ask for the page
        if link.endswith("?"):
            broken.value += 1


if __name__ == "__main__":
    broken = Value("i", 0)
    links = ["home", "news?", "shop", "map?", "jobs?", "help?"]
    with Pool(2, share, [broken]) as pool:
        pool.map(visit, links, chunksize=1)
    print(broken.value, "broken links")
