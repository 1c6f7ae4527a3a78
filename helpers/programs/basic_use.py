import multiprocessing

lock = multiprocessing.Lock()
with lock:
    print("only one process at a time is here")
