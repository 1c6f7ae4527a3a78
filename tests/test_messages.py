"""The index of error messages: each is what the course or Python says, and what the course raises is in it."""

import ast
import json
import os
import re
import sys
from typing import NamedTuple

import pytest
from conftest import ROOT
from scripts import python

INDEX = json.loads((ROOT / "docs" / "messages.json").read_text(encoding="utf-8"))
HOLE = "…"  # what a message fills in
# Raised for those who build the course, or inside a child or a check, which say something else in their place.
NOT_SHOWN = {
    "alone, …: this picture needs steps that end",
    "an injected fault",
    "compare every order of an exploration with at least one run",
    "merge failed, as it was told to",
    "schedule …: a process takes more steps than alone, which this picture cannot show",
    "something went wrong",
    "the picture of … has no alt text: give alt=, its words for a result",
    "there is no picture for a …",
    "this run had no counter",
    "… is not a file",
    "….… is known to the child only",
    "it would call ….…",
    "… tickets at …, and … in the cash box",
    "the other processes were not there after … s",
    'fault=…: …, as in ("A", 0)',
    "fault=…: the processes are …",
    "the worker made the file … itself: pass the file to it as an argument, so that all processes have the same one",
}

# The ends of messages whose beginnings stand in another variable, and in the index.
ENDS = {
    '…, as in CounterFile("a")',
    "…; they are …",
    "…: …",
    "…; Linux can. Leave it out",
    "…: rename one, or let its name begin with _",
    '… …. Correct the address, as in …=tcp://10.0.0.5:8786, or take workers on this machine: cluster = open_cluster("local")',
}


def said_by(who):
    return [message["says"] for message in INDEX if message["from"] == who]


def text_of(node):
    """The text of a constant or an f-string, with HOLE for what is filled in; None for anything else."""
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or HOLE for part in node.values)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"\{\w*\}", HOLE, node.value)  # what str.format fills in, too
    return None


def sources():
    for path in sorted((ROOT / "helpers").rglob("*.py")):
        yield ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):  # the setup cell cannot ask helpers
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            code = "".join(cell["source"])
            if "is not the course" in code:
                yield ast.parse(code)


TREES = list(sources())
TEXTS = {text for tree in TREES for node in ast.walk(tree) if (text := text_of(node))}


def raised():
    """The first text of each `raise` in helpers, as the source says it; an Unreadable is a reason, and no error."""
    for tree in TREES:
        for node in ast.walk(tree):
            is_error = isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
            if is_error and getattr(node.exc.func, "id", "") != "Unreadable":
                yield from (t for t in map(text_of, node.exc.args[:1]) if t and " " in t)


@pytest.mark.parametrize("says", said_by("the course"))
def test_what_the_course_is_said_to_say_stands_in_its_source(says):
    assert any(says.strip(HOLE) in text for text in TEXTS)


def test_what_the_course_raises_is_in_the_index():
    known = [message["says"].strip(HOLE) for message in INDEX]
    missing = {text for text in raised() if not any(says in text for says in known)}
    assert missing == NOT_SHOWN | ENDS


class Program(NamedTuple):
    """A small program, and the messages of Python of which its errors show one."""

    code: str
    says: tuple[str, ...]
    since: tuple[int, int] = (3, 11)


HEAD = """
import json, multiprocessing, os, queue, signal, sqlite3, threading, time, warnings
from concurrent.futures import ProcessPoolExecutor
spawn = multiprocessing.get_context("spawn")
if os.name == "posix":
    fork = multiprocessing.get_context("fork")
def work(*args):
    pass
def start(context, target=work, *args, **more):
    child = context.Process(target=target, args=args, **more)
    child.start()
    return child
def have_a_child():
    start(fork)
def local():
    def inner():
        pass
    start(spawn, inner)
def forked_join(child):
    if os.fork() == 0:
        child.join()
    os.wait()
def limited():
    import resource
    resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
    return [open(os.devnull) for _ in range(20)]
def flock():
    import fcntl
    files = open("lock", "w"), open("lock", "w")
    for file in files:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
def pipe(keep):
    ends = multiprocessing.Pipe(duplex=False)
    ends[1 - keep].close()
    return ends[keep]
def ask_a_pool(pool):
    with pool:
        pool.apply_async(time.sleep, (60,)).get(timeout=0.01)
def work_in_a_closed_pool(pool):
    pool.close()
    pool.map(abs, [1])
def end_a_worker(executor):
    with executor:
        executor.submit(os._exit, 1).result()
def leave(lock):
    os._exit(1)
def manage(manager):
    lock = manager.Lock()
    manager.shutdown()
    lock.acquire()
def two_writers():
    first, second = (sqlite3.connect("base", timeout=0) for _ in range(2))
    first.execute("BEGIN IMMEDIATE")
    second.execute("BEGIN IMMEDIATE")
def sql(*words):
    base = sqlite3.connect(":memory:", isolation_level=None)
    for word in words:
        base.execute(word)
def twice(child):
    child.start()
    child.start()
def beside_a_thread():
    warnings.simplefilter("always")
    threading.Thread(target=time.sleep, args=(1,)).start()
    start(fork).join()
"""
TOP, CELL = "# at the top\n", "# in a cell\n"  # not below the line with __main__; by -c
PROGRAMS = [
    Program(f"{CELL}start(spawn).join()", ("Can't get attribute 'work' on <module '__main__'", "module '__main__' has no attribute 'work'")),
    Program("start(spawn, lambda: 0)", ("Can't pickle <function <lambda>",)),
    Program("local()", ("Can't pickle local object", "Can't get local object")),
    Program(f"{TOP}start(spawn).join()", ("An attempt has been made to start a new process before the current process has finished its bootstrapping phase",)),
    Program("import my_work", ("No module named",)),
    Program("[multiprocessing.set_start_method('spawn') for _ in range(2)]", ("context has already been set",)),
    Program("multiprocessing.get_context('none')", ("cannot find context for",)),
    Program("start(fork, have_a_child, daemon=True).join()", ("daemonic processes are not allowed to have children",)),
    Program("spawn.Process(target=work).join()", ("can only join a started process",)),
    Program("forked_join(start(fork))", ("can only join a child process",)),
    Program("twice(fork.Process(target=work))", ("cannot start a process twice",)),
    Program("signal.raise_signal(signal.SIGINT)", ("KeyboardInterrupt",)),
    Program("int('')", ("invalid literal for int() with base 10: ''",)),
    Program("json.loads('')", ("Expecting value: line 1 column 1 (char 0)",)),
    Program("threading.Barrier(2).wait(timeout=0.01)", ("threading.BrokenBarrierError",)),
    Program("pipe(1).send(1)", ("Broken pipe",)),
    Program("pipe(0).recv()", ("EOFError",)),
    Program("start(spawn, work, threading.Lock())", ("cannot pickle '_thread.lock' object",)),
    Program("import pickle; pickle.dumps(spawn.Lock())", ("Lock objects should only be shared between processes through inheritance",)),
    Program("start(spawn, work, fork.Lock())", ("A SemLock created in a fork context is being shared with a process in a spawn context",)),
    Program("start(spawn, work, spawn.Lock()).join()", ("_multiprocessing.SemLock._rebuild(*state)",)),
    Program("manage(spawn.Manager())", ("No such file or directory",)),
    Program("work_in_a_closed_pool(spawn.Pool(1))", ("Pool not running",)),
    Program("end_a_worker(ProcessPoolExecutor(1, spawn))", ("A process in the process pool was terminated abruptly while the future was running or pending",)),
    Program("spawn.Lock().release()", ("semaphore or lock released too many times",)),
    Program("threading.Lock().release()", ("release unlocked lock",)),
    Program("ask_a_pool(spawn.Pool(1))", ("TimeoutError",)),
    Program("queue.Queue().get(timeout=0.01)", ("queue.Empty",)),
    Program("leave(spawn.Lock())", ("leaked semaphore objects to clean up at shutdown",)),
    Program("beside_a_thread()", ("use of fork() may lead to deadlocks in the child",), (3, 12)),
    Program("spawn.RLock().release()", ("attempt to release recursive lock not owned by thread",)),
    Program("threading.RLock().release()", ("cannot release un-acquired lock",)),
    Program("two_writers()", ("database is locked",)),
    Program("sql('BEGIN', 'BEGIN')", ("cannot start a transaction within a transaction",)),
    Program("sql('COMMIT')", ("no transaction is active",)),
    Program("sql('SELECT n FROM counter')", ("no such table",)),
    Program("flock()", ("Resource temporarily unavailable",)),
    Program("[open('new', 'x') for _ in range(2)]", ("File exists",)),
    Program("limited()", ("Too many open files",)),
]  # fmt: skip


@pytest.mark.platform("posix")
@pytest.mark.parametrize(
    "program", [p for p in PROGRAMS if sys.version_info >= p.since], ids=lambda p: p.code
)
def test_python_says_it(program, tmp_path):
    code = HEAD + program.code
    if not program.code.startswith((TOP, CELL)):
        code = f"{HEAD}if __name__ == '__main__':\n    {program.code}"
    (tmp_path / "program.py").write_text(code, encoding="utf-8")
    args = ("-c", code) if program.code.startswith(CELL) else ("program.py",)
    errors = " ".join(python(*args, cwd=tmp_path).stderr.split())
    assert any(says in errors for says in program.says), errors


def test_each_message_of_python_has_its_program():
    assert sorted(said_by("Python")) == sorted(says for p in PROGRAMS for says in p.says)


@pytest.mark.platform("windows")
def test_windows_says_it(tmp_path):
    (says,) = said_by("Python, on Windows")
    with open(tmp_path / "held", "w"), pytest.raises(PermissionError, match=re.escape(says)):
        os.remove(tmp_path / "held")


@pytest.mark.parametrize("message", INDEX, ids=lambda message: message["says"][:40])
def test_each_says_what_it_means_and_what_to_do(message):
    assert set(message) == {"says", "from", "lesson", "means", "do"}
    assert message["means"].endswith((".", ")")) and message["do"].endswith((".", "`."))


def test_none_is_there_twice():
    says = [message["says"] for message in INDEX]
    assert len(says) == len(set(says))
