"""A recorded script does what it does without us: its output, errors, exit code and files are the same; and nothing of its run is left behind."""

import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import hostile_scripts
import psutil
import pytest
from cases import few

from helpers.scripts import watch
from helpers.scripts.running import HOOK

pytestmark = pytest.mark.platform("linux")
METHODS = multiprocessing.get_all_start_methods()

SAME = {
    "the end is printed where output is buffered": "print('x' * 9000); print('the end')",
    "what is lost where a process ends at once": "import os; print('x' * 5000); print('y' * 5000); os._exit(3)",
    "files left open": """
        file = open("file.txt", "w"); file.write("kept")
        raw = open("raw", "wb"); raw.write(b"kept")
        """,
    "files that Python's own end closes": """
        import sys
        class Late:
            def __del__(self, open=open, print=print):
                open("late.txt", "w").write("late"); print("late")
        sys.late = Late(); sys.file = open("file.txt", "w"); sys.file.write("kept")
        """,
    "calls of what C code gives": """
        import fcntl, os, sqlite3, time, traceback
        db = sqlite3.connect("x.db")
        for text in ("open()", "open(None)", "open('x', how=1)", "open('a\\\\0b')", "open('x', 'wb', 1)", "time.sleep(None)", "time.sleep(seconds=1)",
                     "os.remove(None)", "os.stat(1.5)", "os.rename('a')", "os.symlink('a')", "os.open('x')", "os.close()", "os.read(999, 1)",
                     "fcntl.flock()", "sqlite3.connect()", "db.execute()", "db.execute(None)", "db.cursor(1, 2)", "db.execute('select nothing')"):
            try:
                print(eval(text))
            except Exception:
                traceback.print_exc()
        """,
    "how it is shown": """
        import copy, inspect, io, multiprocessing, os, pickle, shutil, sqlite3, sys, threading, time, types
        class Uses:
            pause, put_away = time.sleep, os.remove
        open("x", "w").close(); Uses().pause(0); Uses().put_away("x")
        lock = multiprocessing.Lock()
        for it in (open, os.remove, time.sleep, os.wait, threading.Lock, sqlite3.connect):
            print(it, type(it), it.__name__, isinstance(it, types.BuiltinFunctionType), inspect.isbuiltin(it))
        made = [open("x", "w"), open("x", "rb"), open("x", "rb", 0), sys.stdout, sqlite3.connect("x.db"), threading.Lock(), threading.RLock(), lock.acquire, lock]
        for it in (*made, sqlite3.connect("x.db").cursor()):
            print(it, type(it), type(it).__name__, isinstance(it, io.IOBase))
            try:
                print(copy.copy(pickle.loads(pickle.dumps(it))))
            except Exception as error:
                print(repr(error))
        print(pickle.loads(pickle.dumps([open, os.remove, time.sleep])) == [open, os.remove, time.sleep])
        print(shutil.rmtree.avoids_symlink_attacks, len(os.supports_dir_fd), type(made[4]) is sqlite3.Connection, sys.excepthook is sys.__excepthook__)
        """,
    "errors that nobody catches": """
        import logging, os, threading, traceback
        class Gone:
            def __del__(self):
                os.remove("nothing")
        Gone()
        thread = threading.Thread(target=open, args=("nothing",)); thread.start(); thread.join()
        def find():
            open("nothing")
        thread = threading.Thread(target=find); thread.start(); thread.join()
        try:
            find()
        except OSError as error:
            logging.exception("logged")
            traceback.print_tb(error.__traceback__)
            print(traceback.extract_tb(error.__traceback__))
        find()
        """,
    "warnings": """
        import datetime, sqlite3, warnings
        db = sqlite3.connect("x.db"); db.execute("create table t (at)")
        for _ in range(2):
            db.execute("insert into t values (?)", (datetime.date(2020, 1, 1),)); db.execute("select :a", (1,))
        open("x", "wb", 1).close(); open("x", "wb", 1).close()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always"); open("x", "wb", 1).close()
        print([(str(each.message), each.filename, each.lineno) for each in caught])
        """,
    "files that it leaves to Python, under -X dev": """
        class Circle: pass
        def forget():
            open("x", "w").write("x"); open("x", "rb"); open("x", "rb", 0)
        forget(); circle = Circle(); circle.me = circle; circle.file = open("y", "w"); circle.file.write("y")
        """,
    "modules of its own": """
        import pathlib, sys
        for name in "threading", "sqlite3", "fcntl":
            pathlib.Path(f"{name}.py").write_text("mine = 1")
        import threading, sqlite3
        print(threading.mine, sqlite3.mine)
        """,
    "the system's limits": """
        import os, resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)); resource.setrlimit(resource.RLIMIT_NOFILE, (80, 80))
        for n in range(200):
            open("x", "w").write("x")
        os.mkdir("gone"); os.chdir("gone"); os.rmdir("../gone")
        for call in (lambda: open("x", "w"), lambda: os.stat("x"), os.getcwd):
            try:
                call()
            except OSError as error:
                print(repr(error))
        """,
    "processes": """
        import multiprocessing, os, traceback
        def work(n, lock):
            print("before", n)
            if n == 0:
                os.closerange(3, 5000)
                files = [open(f"{n}_{i}", "w") for i in range(600)]
                print(files[-1].fileno(), flush=True)
                for number in range(700, 5000):
                    try:
                        os.close(number)
                    except OSError:
                        pass
            if n == 1:
                with lock:
                    open("nothing")
            if n == 2:
                traceback.print_stack(); lock.release()
            if n == 3:
                with lock:
                    lock.release()
            os._exit(3) if n == 4 else None
        if __name__ == "__main__":
            lock = multiprocessing.Lock(); multiprocessing.set_start_method(METHOD)
            lock = multiprocessing.Lock()
            for n in range(5):
                process = multiprocessing.Process(target=work, args=(n, lock)); process.start(); process.join()
                print(process.exitcode, lock.acquire(False), flush=True); lock.release()
            try:
                process = multiprocessing.Process(target=lock.acquire); process.start(); process.join(); print(process.exitcode)
            except TypeError as error:
                print(error)
            with multiprocessing.Manager() as manager, multiprocessing.Pool(1) as pool:
                print(manager.dict(a=1), pool.apply(os.path.exists, ("x",)), flush=True); pool.apply(os.remove, ("nothing",))
        """,
}
CHANGING = re.compile(r"0x[0-9a-f]{6,}|\bpid[= ]\d+")


def ran(folder, source, method, is_recorded):
    """What a script leaves, run in an empty folder: its exit code, output, errors and files."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    records = folder.with_name("records")
    records.mkdir(exist_ok=True)
    (folder / "script.py").write_text(textwrap.dedent(source).replace("METHOD", repr(method)))
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTHON")
    }
    if is_recorded:
        environment |= {
            "PYTHONPATH": str(HOOK),
            "COURSE_WATCHED": str(records),
            "COURSE_WATCHED_AS": "P",
        }
    with Path(records, "said").open("wb+") as said, Path(records, "errors").open("wb+") as errors:
        where = {
            "stdin": subprocess.DEVNULL,
            "stdout": said,
            "stderr": errors,
            "cwd": folder,
            "env": environment,
        }
        done = subprocess.run(
            [sys.executable, *(["-X", "dev"] if "dev" in folder.parent.name else []), "script.py"],
            check=False,
            timeout=60,
            **where,
        )
    texts = [CHANGING.sub("-", Path(records, name).read_text()) for name in ("said", "errors")]
    files = {
        path.name: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".db")
    }
    return done.returncode, *texts, files


def same(folder, name, method):
    source = SAME[name]
    folder /= "dev" if "-X dev" in name else "usual"
    usual = ran(folder / "script", source, method, False)
    assert ran(folder / "script", source, method, True) == usual


@pytest.mark.parametrize("name", [name for name in SAME if "METHOD" not in SAME[name]])
def test_alike_without_processes(name, tmp_path):
    same(tmp_path, name, "")


@pytest.mark.parametrize("method", few(METHODS))
def test_alike_with_processes(method, tmp_path):
    same(tmp_path, "processes", method)


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Writes a script into the folder in which the test works."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)

    def write(source):
        Path("script.py").write_text(textwrap.dedent(source))
        return "script.py"

    return write


@pytest.mark.parametrize("method", METHODS)
def test_letters_are_those_of_the_starts(method, script):
    source = """
        import multiprocessing
        def work():
            print("at work")
        if __name__ == "__main__":
            for _ in range(2):
                process = multiprocessing.Process(target=work); process.start(); process.join()
        """
    watched = watch(script(source), start_method=method)
    assert watched.processes == ("P", "A", "B")
    assert [event.process for event in watched.events if event.identity == "terminal terminal"] == [
        "A",
        "B",
    ]


def test_what_was_opened_before_a_fork_is_known_in_the_child(script):
    source = """
        import os, sqlite3
        file, db = open("file.txt", "a"), sqlite3.connect("x.db")
        if os.fork() == 0:
            file.write("x"); file.flush(); db.execute("create table t (a)"); db.execute("insert into t values (1)"); db.commit(); os._exit(0)
        os.wait()
        """
    watched = watch(script(source))
    assert [
        event.op for event in watched.events if event.process == "A" and event.shared == "file.txt"
    ] == ["append"]
    assert "t" in [
        event.identity.split()[-1]
        for event in watched.events
        if event.process == "A" and event.op == "append"
    ]


def test_a_lock_on_a_file_has_the_name_of_the_file(script):
    source = """
        import fcntl
        with open("x.lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
        """
    events = watch(script(source)).events
    assert [event.shared for event in events if event.op == "acquire"] == ["x.lock"]


def test_threads_have_lines_and_things_that_are_known(script):
    source = """
        import threading
        def work(n):
            for i in range(50):
                open(f"{n}_{i}.txt", "w").write("x")
        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        """
    watched = watch(script(source))
    assert {event.done.number for event in watched.events if event.done} == {5}
    assert len({event.shared for event in watched.events if event.op == "empty"}) == 200


def test_a_connection_of_a_class_of_its_own_is_recorded(script):
    source = """
        import sqlite3
        class Mine(sqlite3.Connection):
            pass
        db = sqlite3.connect("x.db", factory=Mine); db.execute("create table t (a)"); db.execute("insert into t values (1)"); db.commit()
        """
    assert "append" in [event.op for event in watch(script(source)).events]


def test_an_insert_of_what_a_select_has_said_can_be_disturbed(script):
    source = """
        import multiprocessing, sqlite3
        def give_number():
            db = sqlite3.connect("x.db")
            last = db.execute("select max(number) from tickets").fetchone()[0] or 0
            db.execute("insert into tickets values (?)", (last + 1,)); db.commit()
        if __name__ == "__main__":
            sqlite3.connect("x.db").execute("create table tickets (number)")
            processes = [multiprocessing.Process(target=give_number) for _ in range(2)]
            for process in processes: process.start()
            for process in processes: process.join()
        """
    [collision] = watch(script(source)).collisions
    assert (collision.kind, collision.name) == ("lost update", "table tickets in x.db")
    assert [step.line.number for step in (*collision.first, *collision.other)] == [5, 6, 5, 6]


def running_in(folder):
    """The command lines of the processes that work in a folder; one that is about to be gone has none any more."""
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(folder) and process.pid != os.getpid() and process.cmdline():
                yield process.cmdline()
        except psutil.Error:
            continue


def nothing_left(folder, name, before=()):
    """Nothing of a run in a folder, whose semaphores begin with `name`, lives on."""
    assert list(running_in(folder)) == []
    assert [path.name for path in Path("/dev/shm").glob(f"sem.{name}*")] == []
    assert list(Path(os.environ["TMPDIR"]).glob("pymp-*")) == list(before)


def test_programs_that_hide_are_ended(script, tmp_path):
    source = """
        import os, subprocess
        hidden = {"env": {}, "start_new_session": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.Popen(["sleep", "30"], **hidden)
        if os.fork() == 0:
            os.setsid(); os.execve("/bin/sleep", ["sleep", "30"], {})
        """
    watch(script(source))
    assert list(running_in(tmp_path)) == []


@pytest.mark.parametrize("method", few(METHODS))
@pytest.mark.parametrize(
    "end", ["os.kill(os.getpid(), signal.SIGKILL)", "os._exit(1)", "lock.acquire()"]
)
def test_folders_and_semaphores_are_removed(method, end, script, tmp_path):
    source = f"""
        import multiprocessing, os, signal, time
        multiprocessing.current_process()._config["semprefix"] = "/{tmp_path.name}"
        if __name__ == "__main__":
            kept, lock = multiprocessing.Manager().dict(), multiprocessing.Lock()
            process = multiprocessing.Process(target=time.sleep, args=(30,)); process.start()
            lock.acquire(); {end}
        """
    before = list(Path(os.environ["TMPDIR"]).glob("pymp-*"))
    watch(script(source), start_method=method)
    nothing_left(tmp_path, tmp_path.name, before)


def test_a_semaphore_that_nobody_tracks_yet_is_removed(script, tmp_path):
    """Multiprocessing makes it, and then tells its tracker, which may have to be started first."""
    source = f"""
        import multiprocessing, os, signal
        from multiprocessing import resource_tracker
        resource_tracker.register = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        multiprocessing.current_process()._config["semprefix"] = "/{tmp_path.name}"
        multiprocessing.get_context("spawn").Lock()
        """
    before = list(Path(os.environ["TMPDIR"]).glob("pymp-*"))
    assert watch(script(source)).exit_code == -signal.SIGKILL
    nothing_left(tmp_path, tmp_path.name, before)


@pytest.mark.parametrize("seed", few(range(500), 5))
def test_hostile_scripts_end_and_leave_nothing(seed, script, tmp_path):
    name = f"hostile{os.getpid()}-{seed}"
    before = list(Path(os.environ["TMPDIR"]).glob("pymp-*"))
    watched = watch(script(hostile_scripts.source(seed, name, METHODS)), limit=1)
    assert watched.sentence
    nothing_left(tmp_path, name, before)
