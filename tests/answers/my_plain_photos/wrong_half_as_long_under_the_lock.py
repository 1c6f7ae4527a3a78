# slow_under_lock
import time
from multiprocessing import Lock, Process
from pathlib import Path


def develop(lock, film):
    for photo in film:
        with lock:
            number = int(Path("number.txt").read_text()) + 1
            time.sleep(0.05)
            Path("number.txt").write_text(str(number))
        Path(f"{number}.jpg").write_text(photo)


if __name__ == "__main__":
    Path("number.txt").write_text("0")
    lock = Lock()
    labs = [Process(target=develop, args=(lock, film)) for film in (["sea", "sky"], ["cat"])]
    for lab in labs:
        lab.start()
    for lab in labs:
        lab.join()
    print(*sorted(path.name for path in Path().glob("*.jpg")))
