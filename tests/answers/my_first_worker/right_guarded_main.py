import os

def work(numbers):
    return os.getpid(), sum(numbers)


if __name__ == '__main__':
    import multiprocessing
    with multiprocessing.Pool(2) as pool:
        print(pool.map(work, [[1], [2]]))
