"""What the system refuses, what lies about, and what a learner's file starts: told, and ended with the run."""

import errno
import os
import shutil
import sys
from multiprocessing import util

import matplotlib
import psutil  # noqa: F401 - before a test says that this is another system
import pytest
import workers_for_tests as workers
from conftest import ROOT
from pages import wait_until
from remains import is_running, lab_folders
from scripts import run_script, start_script

from helpers import child, lab, pictures, refused
from helpers.lab import fates, folders
from helpers.lab.programs import run_python
from helpers.resources import CounterFile, Lock
from helpers.schedules import explore
from helpers.topics import RacePanel
from helpers.workers import counter

# --- what the system refuses ---------------------------------------------------------------------

REFUSALS = [
    (OSError(errno.EMFILE, "Too many open files"), "", "`ulimit -n`.*raise the limit"),
    (OSError(errno.EAGAIN, "unavailable"), "folder", "`ulimit -u`.*run fewer processes"),
    (RuntimeError("can't start new thread"), "", "`ulimit -u`.*shut down other kernels"),
    (OSError(errno.ENOMEM, "Cannot allocate memory"), "", "no memory for another process"),
    (OSError("AF_UNIX path too long"), "folder", "too long for a socket.*TMPDIR.*shorter"),
    (OSError(errno.EROFS, "Read-only file system"), "folder", "Read-only.*TMPDIR.*with room"),
    (OSError(errno.EROFS, "Read-only file system"), "lock", "no lock can be made.*/dev/shm"),
    (OSError(errno.ENOSPC, "No space left"), "lock", "No space left.*/dev/shm more room"),
    ("[Errno 24] Too many open files", "", "`ulimit -n`"),
]


@pytest.mark.parametrize(("error", "place", "words"), REFUSALS)
def test_a_refusal_says_which_limit_it_was_and_what_to_do(error, place, words):
    with pytest.raises(OSError, match=words), refused.explained(place):
        raise error if isinstance(error, Exception) else OSError(error)


@pytest.mark.parametrize("error", [OSError(errno.EIO, "I/O error"), RuntimeError("no thread")])
def test_any_other_error_stays_as_it_is(error):
    with pytest.raises(type(error)) as caught, refused.explained():
        raise error
    assert caught.value is error


@pytest.mark.platform("linux")
def test_too_few_descriptors_are_told(tmp_path):
    source = """
        import resource
        lab.warm()
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (40, most))
        try:
            lab.run(workers.do_nothing, processes=26)
        except OSError as error:
            print(error)
    """
    reported, _ = start_script(tmp_path, source).communicate()  # the fork server complains, too
    assert "run fewer processes at once" in reported


@pytest.mark.platform("linux")
def test_where_no_lock_can_be_made_it_is_told(monkeypatch):
    def refuse(*args, **more):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("multiprocessing.synchronize.SemLock.__init__", refuse)
    lock = Lock()
    with pytest.raises(OSError, match="no lock can be made.*/dev/shm"):
        lock.acquire()
    with pytest.raises(OSError, match="no lock can be made.*/dev/shm"):
        lab.run(workers.hold_once, lock, processes=1)


@pytest.mark.platform("linux")
def test_a_long_temporary_path_breaks_no_setup_cell(tmp_path):
    long = tmp_path / ("t" * 100)
    long.mkdir()
    source = """
        lab.warm()
        from helpers.course import passport
        run = lab.run(workers.add_one, CounterFile(), processes=1)
        print(run.machine.start_method, run.verdict, passport().data)
    """
    reported = run_script(tmp_path, source, TMPDIR=str(long), COURSE_START_METHOD="")
    if hasattr(util, "_get_base_temp_dir"):  # this Python takes a shorter folder for its sockets
        assert (
            reported.startswith("forkserver correct")
            and "⚠ there is no fork server" not in reported
        )
        return
    assert reported.startswith("spawn correct")
    assert "⚠ there is no fork server" in reported
    assert "too long for a socket" in reported


@pytest.mark.platform("linux")
def test_a_folder_that_is_gone_is_told(tmp_path):
    source = """
        import os
        os.mkdir("gone"); os.chdir("gone"); os.rmdir("../gone")
        lab.warm()
        try:
            lab.run(lab.WorkerFile("my_file.py", "work"), processes=1, start_method="spawn")
        except OSError as error:
            print(error)
    """
    assert "the folder in which this notebook runs was moved" in run_script(tmp_path, source)


# --- what lies about -----------------------------------------------------------------------------

SHADOWED = """
    from pathlib import Path
    Path({name!r}).write_text("x = 1")
    lab.warm()
    run = lab.run(workers.do_nothing, processes=1, start_method={method!r})
    print(run.sentence)
"""


@pytest.mark.platform("posix")
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
@pytest.mark.parametrize("name", ["helpers.py", "signal.py"])
def test_a_file_beside_the_notebook_does_not_reach_the_children(tmp_path, name, method):
    source = SHADOWED.format(name=name, method=method)
    assert run_script(tmp_path, source) == "1 process ended well"


def test_a_file_that_stands_in_the_way_of_a_module_is_named_at_an_early_death(tmp_path):
    script = start_script(tmp_path, SHADOWED.format(name="typing.py", method="spawn"))
    reported, _ = script.communicate()  # the child writes a traceback to the error stream
    assert f"A could not start: ended with exit code 1; perhaps because {tmp_path}" in reported
    assert "typing.py stands in the way of a module of that name: rename it" in reported


MOVED = """
import os, sys
sys.path.insert(0, sys.argv[-1])
from helpers import lab
from helpers.workers import counter
from helpers.resources import CounterFile
if __name__ == "__main__" and len(sys.argv) > 1:
    os.rename(sys.argv[-1], sys.argv[-1] + "-moved")
    run = lab.run(counter.increment_without_lock, CounterFile(), 1, 0, processes=1, start_method="spawn")
    print(run.sentence)
"""


def test_a_moved_course_is_named_at_an_early_death(tmp_path):
    course = tmp_path / "course"
    shutil.copytree(ROOT / "helpers", course / "helpers")
    done = run_python("-c", MOVED, str(course), timeout=50)
    assert f"the course's folder {course} was moved or deleted: open" in done.stdout


def test_an_early_death_with_nothing_in_the_way_blames_nothing():
    assert fates.in_the_way("ZeroDivisionError") == ""


def test_the_start_of_children_leaves_no_trace_in_path_and_environment(start_method):
    before = list(sys.path), dict(os.environ)
    run = lab.run(
        lab.WorkerFile(workers.__file__, "do_nothing"), processes=1, start_method=start_method
    )
    assert run.verdict == "correct"
    assert (list(sys.path), dict(os.environ)) == before


# --- a learner's file that cannot be run ---------------------------------------------------------

ODD = {
    "empty": (b"", "has no attribute 'work'"),
    "binary": (bytes(range(256)) * 4, "could not start"),
    "exits at import": (b"import os; os._exit(3)", "could not start: ended with exit code 3"),
    "evil error": (
        b"class E(Exception):\n def __str__(self): raise E\ndef work(): raise E",
        "its text cannot be read",
    ),
    "ends the reader": (
        b"import os\nclass C:\n def __reduce__(self): return os._exit, (1,)\ndef work(): return C()",
        "cannot be read outside its process: it would call",
    ),
    "own class": (
        b"class C: pass\ndef work(): return C()",
        "A ended with UnpicklingError: what the worker returned cannot be read outside",
    ),
    "no pickle": (b"def work(): return lambda: 1", "Error: Can't "),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_file_gives_a_run_that_says_what_was_wrong(learner, name):
    source, words = ODD[name]
    run = lab.run(learner(source), processes=1)
    assert run.verdict == "crashed"
    assert words in run.sentence


@pytest.mark.parametrize("name", ["empty", "binary", "exits at import"])
def test_an_odd_file_is_explored_to_an_end(learner, name):
    assert explore(learner(ODD[name][0]), processes=2).ended == "failed"


@pytest.mark.platform("posix")
@pytest.mark.parametrize(
    "make",
    [os.mkdir, lambda path: os.mkfifo(path), lambda path: os.symlink("nowhere", path)],
    ids=["folder", "FIFO", "dangling link"],
)
def test_what_is_no_file_gives_a_run_and_an_end(tmp_path, make):
    path = tmp_path / "my_file.py"
    make(path)
    worker = lab.WorkerFile(str(path), "work")
    assert lab.run(worker, processes=1).sentence.startswith("A could not start")
    assert explore(worker, processes=2).ended == "failed"


def test_a_file_that_prints_without_end_is_cut_and_says_so(tmp_path):
    (tmp_path / "my_file.py").write_text(
        "import sys\n"
        "def work():\n"
        "    for _ in range(60): print('x' * 99_999)\n"
        "    sys.stdout.buffer.write(b'y' * 9_999_999)\n"
    )
    source = """
        lab.warm()
        run = lab.run(lab.WorkerFile("my_file.py", "work"), processes=1)
        print(run.verdict)
    """
    reported = run_script(tmp_path, source)
    assert "[more than 100,000 characters: the rest is not shown]" in reported
    assert "correct" in reported
    assert len(reported) < 2.1 * child.MOST_PRINTED


# --- what a learner's file starts ----------------------------------------------------------------

SLEEPER = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"


@pytest.mark.platform("linux")
@pytest.mark.parametrize("ending", ["return pid", "os._exit(5)", "time.sleep(600)"])
def test_programs_that_a_file_starts_end_with_its_run(learner, tmp_path, ending, start_method):
    note = tmp_path / "pid"
    worker = learner(
        "import os, subprocess, sys, time\n"
        "def work():\n"
        f"    pid = {SLEEPER}.pid\n"
        f"    open({str(note)!r}, 'w').write(str(pid))\n"
        f"    {ending}\n"
    )
    lab.run(worker, processes=1, deadline=2, start_method=start_method)
    wait_until(lambda: not is_running(int(note.read_text())))


@pytest.mark.platform("linux")
def test_programs_that_a_file_starts_end_with_a_kernel_killed_hard(tmp_path):
    note = tmp_path / "pid"
    (tmp_path / "my_file.py").write_text(
        "import os, subprocess, sys, time\n"
        "def work():\n"
        f"    pid = {SLEEPER}.pid\n"
        "    open('pid.new', 'w').write(str(pid)); os.rename('pid.new', 'pid')\n"
        "    time.sleep(600)\n"
    )
    source = 'lab.run(lab.WorkerFile("my_file.py", "work"), processes=1, deadline=60)'
    script = start_script(tmp_path, source)
    workers.wait_for(note)
    script.kill()
    script.communicate()
    wait_until(lambda: not is_running(int(note.read_text())) and not lab_folders())


@pytest.mark.platform("linux")
def test_what_a_program_of_the_course_starts_ends_with_it():
    silent = SLEEPER.replace("])", "], stdout=-3, stderr=-3)")
    done = run_python("-c", f"import subprocess, sys; print({silent}.pid)")
    wait_until(lambda: not is_running(int(done.stdout)))


@pytest.mark.platform("posix")
@pytest.mark.parametrize("at_import", [True, False])
def test_a_file_that_forks_gives_one_result(learner, at_import):
    body = "os.fork()\n" if at_import else ""
    inside = "pass" if at_import else "os.fork()"
    worker = learner(
        f"import os\n{body}def work(counter):\n    {inside}\n    counter.read()\n    return 7\n"
    )
    run = lab.run(worker, CounterFile(), processes=2)
    assert (run.verdict, run.returned) == ("correct", {"A": 7, "B": 7})
    assert [event.process for event in sorted(run.events, key=lambda e: e.process)] == ["A", "B"]


def test_temporary_files_of_a_file_go_with_its_run(learner, start_method):
    worker = learner("import tempfile\ndef work(): return tempfile.mkstemp()[1]")
    run = lab.run(worker, processes=1, start_method=start_method)
    assert folders.PREFIX in run.returned["A"]
    assert not os.path.exists(run.returned["A"])


def test_a_thread_that_lives_on_has_no_part_in_the_next_trial(learner):
    worker = learner(
        "import os, threading\n"
        "def work():\n"
        "    threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "    return os.getpid()\n"
    )
    with lab.ProcessSet(1) as team_set:
        first, second = (team_set.run(worker).returned["A"] for _ in range(2))
    assert first != second


# --- pipes, folders, figures ---------------------------------------------------------------------


def test_a_program_may_write_any_letters_whatever_the_environment_says(monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    done = run_python("-c", "print('größer →'); raise ValueError('größer')", timeout=30)
    assert done.stdout == "größer →\n"
    assert done.stderr.endswith("ValueError: größer\n")


@pytest.mark.platform("posix")
@pytest.mark.parametrize("system", [sys.platform, "any other"])
def test_the_start_time_of_a_process_is_one_number_whoever_asks(monkeypatch, system):
    """In a zone of its own, too; it is part of a folder's name."""
    ask = f"import psutil, sys; sys.path[:0] = [{str(ROOT)!r}]; from helpers.lab import folders; "
    ask += f"sys.platform = {system!r}; print(folders.started({os.getpid()}))"
    reported = set()
    for zone in ("UTC", "Asia/Tokyo", "EST5"):
        monkeypatch.setenv("TZ", zone)
        reported.add(run_python("-c", ask).stdout.strip())
    (number,) = reported
    assert number.isdecimal()
    monkeypatch.setattr(sys, "platform", system)
    assert folders.started(2**22 + 1) == "gone"  # no such process


LEARNERS = {"figure.facecolor": "black", "text.color": "white", "font.size": 30, "axes.grid": True}


def test_a_figure_is_the_same_whatever_the_learner_set():
    runs = [
        lab.run(counter.increment_without_lock, CounterFile(), 2, 0, processes=2),
        lab.run(workers.take_both_often, Lock("a"), Lock("b"), 2, 0, processes=2),
        explore(counter.increment_without_lock, CounterFile(), 1, 0, processes=2),
    ]
    panel = RacePanel(times=2)
    plain = [*map(pictures.image, runs)]
    panel.screen.draw(runs[0])
    drawn = panel.screen.html
    with matplotlib.rc_context(LEARNERS):
        assert [*map(pictures.image, runs)] == plain
        panel.screen.draw(runs[0])
        assert matplotlib.rcParams["font.size"] == 30
    assert panel.screen.html == drawn
