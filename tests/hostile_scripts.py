"""Scripts by chance that a watched run must survive: processes that are killed, never end, close what is not theirs; equal seeds give equal texts."""

import random

_SCRIPT = """
import multiprocessing, os, signal, subprocess, sys, threading, time

multiprocessing.current_process()._config["semprefix"] = "/{name}"

def work(n, main, lock, other, queue, value):
{work}

if __name__ == "__main__":
    multiprocessing.set_start_method("{method}")
    lock, other, queue = multiprocessing.Lock(), multiprocessing.{kind}(), multiprocessing.Queue()
    shared = os.getpid(), lock, other, queue, multiprocessing.Value("i", 0)
    processes = [multiprocessing.Process(target=work, args=(n, *shared), daemon={daemon}) for n in range({count})]
    for process in processes:
        process.start()
    n, main, value = -1, *shared[::4]
{parent}
    for process in processes:
        process.join({timeout})
"""
_USUAL = [
    "with lock: open('n.txt', 'a').write(str(n))",
    "with other: value.value += 1",
    "queue.put(n)",
    "queue.get(timeout=0.1)",
    "print('x' * 5000)",
    "open('n.txt').read()",
    "time.sleep(0.01)",
    "lock.acquire(timeout=0.1)",
]
_HOSTILE = [
    "lock.acquire()",
    "lock.release()",
    "queue.get()",
    "os._exit(3)",
    "sys.exit(4)",
    "raise ValueError(n)",
    "while True: pass",
    "while True: open('n.txt', 'w').write('x')",
    "time.sleep(30)",
    "os.kill(os.getpid(), signal.SIGKILL)",
    "os.kill(os.getpid(), signal.SIGSTOP)",
    "os.kill(main, signal.SIGKILL)",
    "os.kill(main, signal.SIGINT)",
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "sys.stdout.close()",
    "sys.stderr = None",
    "os.close(1)",
    "os.closerange(0, 5000)",
    "os.remove('n.txt')",
    "os.environ.clear()",
    "os.fork()",
    "subprocess.run([sys.executable, '-c', 'print(1)'])",
    "subprocess.Popen(['sleep', '30'], env={}, start_new_session=True)",
    "os.execve(sys.executable, [sys.executable, '-c', 'import time; time.sleep(30)'], {})",
    "threading.Thread(target=lock.acquire).start()",
    "multiprocessing.Process(target=time.sleep, args=(30,)).start()",
    "multiprocessing.Manager().dict()['n'] = n",
]


def source(seed, name, methods):
    """The text of a script; its semaphores begin with `name`."""
    dice = random.Random(seed)
    texts = {who: _lines(dice, dice.randint(1, 4)) for who in ("work", "parent")}
    kinds = {"kind": dice.choice(["Lock", "RLock", "Semaphore"]), "daemon": dice.random() < 0.3}
    numbers = {"count": dice.randint(1, 3), "timeout": dice.choice(["", "0.2"])}
    return _SCRIPT.format(name=name, method=dice.choice(methods), **texts, **kinds, **numbers)


def _lines(dice, count):
    lines = [dice.choice(_HOSTILE if dice.random() < 0.4 else _USUAL) for _ in range(count)]
    return "\n".join(f"    {line}" for line in lines)
