# fewer_processes
import time
from multiprocessing import Pool, Value


def share(value):
    global broken
    broken = value


def visit(link):
    time.sleep(0.05)  # ask for the page
    if link.endswith("?"):
        broken.value += 1


if __name__ == "__main__":
    broken = Value("i", 0)
    links = ["home", "news?", "shop", "map?", "jobs?", "help?"]
    with Pool(1, share, [broken]) as pool:
        pool.map(visit, links, chunksize=1)
    print(broken.value, "broken links")
