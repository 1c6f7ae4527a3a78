# right end: the end

"""Start and join: each child writes a part of its own, the parent merges them."""

import multiprocessing as mp
import os


def count_words(part):
    with open("text.txt", encoding="utf-8") as f:
        words = f.read().split()[part::2]
    with open(f"part_{part}.txt", "w") as f:
        f.write("\n".join(sorted(words)))


if __name__ == "__main__":
    with open("text.txt", "w", encoding="utf-8") as f:
        f.write("so it goes on until the end")
    children = [mp.Process(target=count_words, args=(n,)) for n in (0, 1)]
    for child in children:
        child.start()
    children[0].join()
    while children[1].is_alive():
        children[1].join(0.01)
    with open("merged.txt", "w") as merged:
        for n in (0, 1):
            with open(f"part_{n}.txt") as f:
                merged.write(f.read() + "\n")
            os.remove(f"part_{n}.txt")
    open("text.txt", "a").write("\n")
    with open("merged.txt") as merged:
        print(merged.read())
    print("the end")
