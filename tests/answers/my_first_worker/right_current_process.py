import multiprocessing


def work(numbers):
    return multiprocessing.current_process().pid, sum(numbers)


if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        print(pool.map(work, [[1, 2], [3, 4]]))
