# right end: 42

from multiprocessing import Event, Pipe, Process
from pathlib import Path

task, answer = Path("task.txt"), Path("answer.txt")


def work(end, ready):
    ready.wait()
    number = int(task.read_text())
    answer.write_text(str(number * 2))
    end.send("written")
    end.recv()
    answer.unlink()


if __name__ == "__main__":
    ours, theirs = Pipe()
    ready = Event()
    child = Process(target=work, args=(theirs, ready))
    child.start()
    task.write_text("21")
    ready.set()
    if ours.recv() == "written":
        print(answer.read_text())
        answer.write_text("read")
        ours.send(None)
    child.join()
