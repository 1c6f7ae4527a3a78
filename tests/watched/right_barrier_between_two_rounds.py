# right end: [3, 5, 4]

import multiprocessing


def step(me, cells, barrier):
    """Adds the next cell to this one, in all cells at once."""
    total = cells[me] + cells[(me + 1) % len(cells)]
    barrier.wait()
    cells[me] = total
    barrier.wait()
    if me == 0:
        with open("cells.txt", "w") as out:
            print(*cells[:], file=out)


def main():
    cells = multiprocessing.Array("i", [1, 2, 3])
    barrier = multiprocessing.Barrier(3)
    ps = [multiprocessing.Process(target=step, args=(i, cells, barrier)) for i in range(3)]
    for p in ps: p.start()
    for p in ps: p.join()
    print(cells[:])


if __name__ == "__main__":
    main()
