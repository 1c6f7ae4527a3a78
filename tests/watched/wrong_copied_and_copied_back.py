# fault: lost update of notes.txt, lines 9 and 12
# right end: 2
# wrong end: 1
import shutil
from multiprocessing import Process


def add(name):
    shutil.copyfile("notes.txt", f"{name}.txt")
    with open(f"{name}.txt", "a") as draft:
        draft.write(f"a note by {name}\n")
    shutil.copyfile(f"{name}.txt", "notes.txt")


if __name__ == "__main__":
    open("notes.txt", "w").close()
    writers = [Process(target=add, args=(name,)) for name in ("ann", "ben")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    print(len(open("notes.txt").readlines()))
