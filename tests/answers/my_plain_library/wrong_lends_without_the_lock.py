# collides
from multiprocessing import Lock, Process
from pathlib import Path


def note(lock, text):
    with lock, Path("diary.txt").open("a") as diary:
        diary.write(text + "\n")


def lend(lock, reader):
    books = int(Path("books.txt").read_text())
    Path("books.txt").write_text(str(books - 1))
    note(lock, f"{reader} has one of {books}")


if __name__ == "__main__":
    Path("books.txt").write_text("8")
    Path("diary.txt").write_text("")
    lock = Lock()
    readers = [Process(target=lend, args=(lock, reader)) for reader in ("Ann", "Bob")]
    for each in readers:
        each.start()
    for each in readers:
        each.join()
