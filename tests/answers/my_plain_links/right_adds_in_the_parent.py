import time
from multiprocessing import Pool


def is_broken(link):
    time.sleep(0.05)  # ask for the page
    return link.endswith("?")


if __name__ == "__main__":
    links = ["home", "news?", "shop", "map?", "jobs?", "help?"]
    with Pool(2) as pool:
        print(sum(pool.map(is_broken, links, chunksize=1)), "broken links")
