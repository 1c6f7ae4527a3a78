# wrong_end
# each worker counts its own
import time
from multiprocessing import Pool


def share(value):
    global broken
    broken = value


def visit(link):
    global broken
    time.sleep(0.05)  # ask for the page
    if link.endswith("?"):
        broken += 1


if __name__ == "__main__":
    broken = 0
    links = ["home", "news?", "shop", "map?", "jobs?", "help?"]
    with Pool(2, share, [broken]) as pool:
        pool.map(visit, links, chunksize=1)
    print(broken, "broken links")
