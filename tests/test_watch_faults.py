"""`watch` on scripts that fail, never end or leave things behind: each gives a result with words, and nothing is left."""

import itertools
import multiprocessing
import re
import tempfile
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import workers_for_tests as workers
from cases import cases, exhaustive
from pages import wait_until
from remains import is_running
from scripts import start_script
from watching import scripts, watched

from helpers.pictures import result_html
from helpers.scripts import OrderError, running, watch

pytestmark = pytest.mark.platform("posix")
LOCKED = next(script for script in scripts("right") if "under_a_lock" in script.name)


@pytest.fixture(autouse=True)
def nothing_of_the_run_is_left(tmp_path, monkeypatch):
    """Scripts run in the test's folder; afterwards there is no process of theirs, and no more in the temporary folder."""
    monkeypatch.chdir(tmp_path)
    temporary = Path(tempfile.gettempdir())
    before = {*temporary.iterdir()}
    yield
    assert {*temporary.iterdir()} <= before
    assert of_a_run() == []


def of_a_run():
    """The processes that live and were started under a watch of this test."""
    temporary = Path(tempfile.gettempdir())
    return [process for process in psutil.process_iter() if is_of_a_run(process, temporary)]


def is_of_a_run(process, temporary):
    try:
        folder = process.environ().get("COURSE_WATCHED", "")
        return process.status() != psutil.STATUS_ZOMBIE and Path(folder).parent == temporary
    except psutil.Error:
        return False


def run(source, *args, **how):
    """The Watched of a script with this source."""
    Path("mine.py").write_text(textwrap.dedent(source))
    return watch("mine.py", *args, **how)


def test_a_script_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=re.escape(f"no script mine.py in {tmp_path}")):
        watch("mine.py")


@cases(
    "source code words",
    ("print('begun'\n", 1, "exit code 1: SyntaxError: '(' was never closed"),
    ("import no_such_module\n", 1, "exit code 1: ModuleNotFoundError: No module named"),
    ("name = input('Name: ')\n", 1, "exit code 1: EOFError: EOF when reading a line"),
    ("import sys\nsys.exit(3)\n", 3, "exit code 3."),
    ("import sys\nsys.exit('no data')\n", 1, "exit code 1: no data"),
    ("raise ValueError('too few')\n", 1, "exit code 1: ValueError: too few"),
    ("import os\nos.kill(os.getpid(), 9)\n", -9, "exit code -9"),
    ("import os\nos.abort()\n", -6, "exit code -6"),
)
def test_how_it_failed_is_said(source, code, words):
    seen = run(source)
    assert seen.exit_code == code
    assert seen.sentence.startswith(f"This run ended with {words}")
    assert (seen.ended, seen.verdict) == ("", "crashed")


def test_what_it_needs_may_be_given_as_arguments_and_files():
    Path("numbers.txt").write_text("3 4")
    seen = run("import sys\nprint(sys.argv, open('numbers.txt').read())\n", "add", 5)
    assert seen.output == "['mine.py', 'add', '5'] 3 4\n"


def test_of_much_output_the_first_part_is_kept():
    seen = run("for _ in range(50):\n    print('x' * 1_000_000)\n")
    assert seen.exit_code == 0
    assert seen.output.endswith("[the rest is not shown]\n")
    assert len(seen.output) < 1_100_000


@pytest.mark.parametrize("loop", ["while True: pass", "import time; time.sleep(600)"])
def test_one_that_never_ends_is_ended_after_its_limit(loop):
    seen = run(f"print('begun', flush=True)\n{loop}\n", limit=2)
    assert (seen.exit_code, seen.ended, seen.limit) == (None, "timed out", 2)
    assert seen.sentence == "This run was ended after 2 s."
    assert seen.output == "begun\n"


@exhaustive
def test_one_that_polls_for_ever_is_ended(monkeypatch):
    monkeypatch.setattr(running, "_PATIENCE", 0.2)
    seen = run("import os, time\nwhile not os.path.exists('never'):\n    time.sleep(0.01)\n")
    assert seen.ended == "timed out"
    assert seen.sentence == f"This run was ended after {seen.limit:g} s."


def test_its_children_end_with_it(start_method):
    source = """
        import multiprocessing, time

        def work(lock):
            time.sleep(600)

        if __name__ == "__main__":
            lock = multiprocessing.Lock()
            child = multiprocessing.Process(target=work, args=(lock,))
            child.start()
            manager = multiprocessing.Manager()
            print(lock._semlock.name, flush=True)
            child.join()  # else the lock's name may be gone before a spawned child opens it
    """
    seen = run(source, start_method=start_method, limit=3)
    assert seen.sentence.startswith("This run was ended after 3 s")
    assert not Path("/dev/shm", f"sem.{seen.output.strip()[1:]}").exists()


@pytest.mark.platform("linux")
def test_it_ends_with_whoever_watches_and_is_killed(tmp_path, start_method):
    Path("stuck.py").write_text(
        textwrap.dedent("""
            import multiprocessing, os, time

            def work():
                open("pid.new", "w").write(str(os.getpid()))
                os.rename("pid.new", "pid")
                time.sleep(600)

            if __name__ == "__main__":
                process = multiprocessing.Process(target=work)
                process.start()
                process.join()
            """)
    )
    call = f'watch("stuck.py", start_method="{start_method}", limit=60)'
    watching = start_script(tmp_path, f"from helpers.scripts import watch; {call}")
    workers.wait_for(Path("pid"))
    watching.kill()
    watching.communicate()
    wait_until(lambda: not of_a_run())
    wait_until(lambda: not [*Path(tempfile.gettempdir()).glob("watched-*")])


def test_it_may_delete_its_own_files():
    source = """
        import multiprocessing, os

        def work():
            os.remove("mine.py")

        if __name__ == "__main__":
            open("n.txt", "w").write("1")
            p = multiprocessing.Process(target=work)
            p.start(); p.join()
            os.remove("n.txt")
            os.rmdir(os.getcwd())
    """
    folder = Path("inner").absolute()
    folder.mkdir()
    (folder / "mine.py").write_text(textwrap.dedent(source))
    watch_in = (
        "import os; os.chdir('inner')\nimport runpy; runpy.run_path('mine.py', run_name='__main__')"
    )
    seen = run(watch_in, start_method="fork")
    assert not folder.exists()
    assert seen.sentence.startswith("This run ended right.")


@pytest.mark.parametrize("ends", ["pass", "sys.exit(2)", "os.kill(os.getpid(), 9)"])
def test_grandchildren_that_outlive_it_are_ended(ends):
    source = f"""
        import multiprocessing, os, subprocess, sys, time

        def work():
            sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
            left = subprocess.Popen(sleeper, start_new_session=True)
            if os.fork() == 0:
                os.setsid()
                time.sleep(600)
            print(left.pid, flush=True)

        p = multiprocessing.get_context("fork").Process(target=work)
        p.start()
        p.join()
        {ends}
    """
    seen = run(source)
    assert seen.exit_code == {"pass": 0, "sys.exit(2)": 2}.get(ends, -9)
    assert not is_running(int(seen.output))
    assert "a program started by subprocess (line 6)" in seen.unseen


@pytest.mark.platform("linux")
def test_a_program_that_only_holds_its_output_is_ended():
    """Nothing has noted it: so is a program whose parent was killed while it started it."""
    seen = run("""
        import ctypes

        ctypes.CDLL(None).system(b"setsid sh -c 'env -i sleep 600 & echo $!'")
    """)
    assert seen.exit_code == 0
    assert not is_running(int(seen.output))


def test_what_the_watching_process_forks_meanwhile_is_not_ended(monkeypatch):
    """It has the files open into which the script prints."""
    Path("mine.py").write_text(
        "import os\nopen('begun', 'w')\nwhile not os.path.exists('go'): pass\n"
    )
    # While Popen starts a program, no other thread may fork: its child would keep open what Popen waits for.
    looks, is_alive = threading.Event(), running._is_alive
    monkeypatch.setattr(running, "_is_alive", lambda pid: looks.set() or is_alive(pid))
    with ThreadPoolExecutor() as pool:
        seen = pool.submit(watch, "mine.py")
        assert looks.wait(50)
        child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(600,))
        child.start()
        Path("go").touch()
        assert seen.result().exit_code == 0
    assert child.is_alive()
    child.kill()
    child.join()


def test_a_child_that_is_killed_is_told_of():
    source = """
        import multiprocessing, os

        def work():
            os.kill(os.getpid(), 9)

        p = multiprocessing.get_context("fork").Process(target=work)
        p.start()
        p.join()
        print(p.exitcode)
    """
    seen = run(source)
    assert (seen.exit_code, seen.output) == (0, "-9\n")
    assert seen.verdict == "crashed", seen.sentence
    assert "A ended with exit code -9" in seen.sentence


def test_a_child_that_ends_with_an_exit_code_is_told_of():
    source = """
        import multiprocessing, sys

        p = multiprocessing.get_context("fork").Process(target=sys.exit, args=(3,))
        p.start()
        p.join()
    """
    seen = run(source)
    assert (seen.exit_code, seen.verdict) == (0, "crashed")
    assert seen.sentence.startswith("This run ended. A ended with exit code 3.")


def test_what_subprocess_runs_is_ordered_by_its_start_and_end():
    source = """
        import subprocess, sys

        def update():
            number = int(open("n.txt").read())
            open("n.txt", "w").write(str(number + 1))

        if len(sys.argv) > 1:
            update()
        else:
            open("n.txt", "w").write("0")
            again = [sys.executable, __file__, "child"]
            subprocess.run(again, check=True)
            update()
            children = [subprocess.Popen(again) for _ in range(AT_ONCE)]
            [child.wait() for child in children]
            update()
    """
    assert run(source.replace("AT_ONCE", "1")).verdict == "correct"
    seen = run(source.replace("AT_ONCE", "2"))
    assert seen.collisions and not seen.unseen
    assert watch("mine.py", order=seen.order).kept == f"The order {seen.order} was kept."


def test_who_ends_while_it_is_looked_at_has_not_kept_its_lock(monkeypatch):
    source = """
        import multiprocessing, os, time

        def wait_for(name):
            while not os.path.exists(name): time.sleep(0.01)

        def hold(lock):
            with lock, open("holder", "w") as holder:
                print(os.getpid(), file=holder, flush=True)
                wait_for("go")

        def want(lock):
            wait_for("holder")
            os.mkdir("wants")
            with lock: time.sleep(0.5)

        context = multiprocessing.get_context("fork")
        lock = context.Lock()
        for work in hold, want:
            context.Process(target=work, args=(lock,)).start()
    """
    looks, is_alive = itertools.count(), running._is_alive

    def asked(pid):
        is_asked = Path("wants").exists() and pid == int(Path("holder").read_text())
        if is_asked and next(looks) == 20:
            Path("go").touch()  # now it gives the lock back, and ends
            wait_until(lambda: not is_alive(pid))
        return is_alive(pid)

    monkeypatch.setattr(running, "_is_alive", asked)
    seen = run(source)
    assert next(looks) > 20
    assert (seen.ended, seen.verdict) == ("", "correct"), seen.sentence


@pytest.mark.parametrize("end", ["", "p.terminate(); p.join()"])
def test_who_is_told_to_end_did_not_die(end):
    """A daemon is told so by the script's end."""
    source = f"""
        import multiprocessing, time

        p = multiprocessing.get_context("fork").Process(target=time.sleep, args=(600,), daemon=True)
        p.start()
        {end}
    """
    assert run(source).verdict == "correct"


def test_a_database_gives_up_waiting_so_that_is_no_deadlock():
    source = """
        import multiprocessing, sqlite3

        def add():
            sqlite3.connect("names.db", timeout=0.5).execute("INSERT INTO names VALUES ('second')")

        db = sqlite3.connect("names.db")
        db.executescript("CREATE TABLE names (name); BEGIN; INSERT INTO names VALUES ('first')")
        db.execute("INSERT INTO names VALUES ('not committed')")
        child = multiprocessing.get_context("fork").Process(target=add)
        child.start()
        child.join()
        print("exit code", child.exitcode)
    """
    seen = run(source)
    assert (seen.ended, seen.output) == ("", "exit code 1\n"), seen.sentence
    assert "A died at line 5: OperationalError: database is locked" in seen.sentence


def test_an_order_that_a_transaction_forbids_is_the_proof_of_its_lock():
    source = """
        import multiprocessing, sqlite3

        def sell():
            db = sqlite3.connect("shop.db", isolation_level=None)
            db.execute("BEGIN IMMEDIATE")
            (left,) = db.execute("SELECT left FROM stock").fetchone()
            db.execute("UPDATE stock SET left = ?", (left - 1,))
            db.execute("COMMIT")

        db = sqlite3.connect("shop.db")
        db.executescript("CREATE TABLE stock (left INTEGER); INSERT INTO stock VALUES (10)")
        db.close()
        fork = multiprocessing.get_context("fork")
        sellers = [fork.Process(target=sell) for _ in range(2)]
        [seller.start() for seller in sellers], [seller.join() for seller in sellers]
    """
    kept = run(source, order="A6 A7 B6 B7 A8").kept
    held = "B waits at line 6 for transaction in shop.db, which A holds"
    assert kept.endswith(
        f"cannot be kept beyond A6 A7: {held}, and A waits at line 8 for its turn."
    )


def test_memory_that_a_library_maps_for_the_script_is_said_not_to_be_recorded():
    source = """
        from multiprocessing import shared_memory

        memory = shared_memory.SharedMemory(create=True, size=8)
        memory.close()
        memory.unlink()
    """
    assert run(source).unseen == ("mapped memory (mmap, shared_memory) (line 4)",)


def test_what_is_written_later_than_it_was_asked_for_has_both_lines():
    source = """
        import multiprocessing

        def work():
            file = open("n.txt", "a")
            file.write("1")
            file.close()

        for p in [multiprocessing.get_context("fork").Process(target=work) for _ in range(2)]:
            p.start()
            p.join()
    """
    assert ">6, done at 7</td>" in result_html(run(source))


# ---- orders


@cases(
    "order words",
    ("A13 13B", "step 2 of the order, '13B', cannot be read: write a process and a line"),
    ("A13, B13", "step 1 of the order, 'A13,', cannot be read"),
    ("A13 B99", "step 2 of the order, 'B99': right_counter_under_a_lock.py has 27 lines"),
    ("A0", "step 1 of the order, 'A0': right_counter_under_a_lock.py has 27 lines"),
)
def test_an_order_that_cannot_be_read_is_refused_with_the_place(order, words):
    with pytest.raises(OrderError, match=re.escape(words)):
        watched(LOCKED, order=order)


def test_an_order_is_kept_in_a_script_that_lies_elsewhere(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text("open('n.txt', 'w').close()\n")
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    assert watch("../mine.py", order="P1").kept == "The order P1 was kept."


def test_an_order_that_a_lock_forbids_is_the_proof_of_the_lock():
    source = """
        import multiprocessing

        def work(lock):
            with lock:
                open("n.txt").read()
                open("n.txt", "w").close()

        if __name__ == "__main__":
            open("n.txt", "w").close()
            lock = multiprocessing.Lock()
            workers = [multiprocessing.Process(target=work, args=(lock,)) for _ in range(2)]
            [p.start() for p in workers]
            [p.join() for p in workers]
    """
    kept = run(source, order="A5 B5 B6 A7").kept
    assert kept == (
        "The order A5 B5 B6 A7 cannot be kept beyond A5: "
        "B waits at line 5 for the lock, which A holds, and A waits at line 7 for its turn."
    )


def test_who_is_slow_at_a_value_has_done_its_step_before_the_next_ones_turn():
    source = """
        import multiprocessing, sys

        def add(number, is_slow):
            if is_slow:  # at each call that is made inside
                sys.setprofile(lambda frame, event, arg: event == "call" and sum(range(300_000)))
            number.value += 1

        if __name__ == "__main__":
            number = multiprocessing.Value("i")
            workers = [multiprocessing.Process(target=add, args=(number, how)) for how in (True, False)]
            [p.start() for p in workers]
            [p.join() for p in workers]
            print(number.value)
    """
    seen = run(source, order="A7r B7r B7w A7w", start_method="fork")
    assert (seen.output, seen.kept) == ("1\n", "The order A7r B7r B7w A7w was kept.")


def test_a_worker_that_the_order_names_gets_a_task(start_method):
    source = """
        import multiprocessing, time

        def begin():
            if multiprocessing.current_process()._identity[0] == 3:
                time.sleep(0.5)  # the third one: the others could have done all there is

        def work(_):
            number = int(open("n.txt").read())
            open("n.txt", "w").write(str(number + 1))

        if __name__ == "__main__":
            open("n.txt", "w").write("0")
            with multiprocessing.Pool(3, initializer=begin) as pool:
                pool.map(work, range(2), chunksize=1)
            print(open("n.txt").read())
    """
    seen = run(source, order="A9 C9 C10 A10", start_method=start_method)
    assert seen.kept == "The order A9 C9 C10 A10 was kept."
    assert seen.output == "1\n"


@cases(
    "order words",
    ("A13 Z13", "Z13 never came: Z was never started"),
    ("A27", "A27 never came: A had ended"),
    ("A13 A13#9", "A13#9 never came: A had ended"),
)
def test_a_step_that_never_comes_is_told(order, words):
    kept = watched(LOCKED, order=order)
    assert words in kept.kept
    assert kept.exit_code == 0
