"""Workers by chance, as source text: loops, `with`, `try`, branches, helpers, two steps in one line; equal seeds give equal texts."""

import random

_HELPER = """
def helper(file, value):
    found = file.read()
    if found > value:
        file.write(found)
        return 0
    return value + 1

"""
_PLAIN = [
    "{v} = {f}.read()",
    "{f}.write({v} + 1)",
    "{v} = {f}.read() * 10 + {g}.read()",
    "{f}.write({f}.read() + 1)",
    "{v} += {f}.read()",
    "a, b = b, {f}.read()",
    "{v} = helper({f}, {v})",
    "{v} = {f}.read() if {v} else 1",
    "c = [{f}.read() for _ in range(2)]; {v} = c.pop()",
]
_ITERABLES = "range(2)", "range(1, 3)", "range(a % 3)", "range(2)", "(1, 2)", "[a, b]"


def source(seed):
    """The text of a module with a function `work(x, y, k, l, a)`: two counters, two locks, a number."""
    dice = random.Random(seed)
    body = ["b = 0", *_block(dice, dice.choice([1, 2, 3]), 0, "")]
    return _HELPER + "def work(x, y, k, l, a):\n" + "".join(f"    {line}\n" for line in body)


def _block(dice, length, depth, held):
    """Lines of so many statements; the locks `held` are not taken again."""
    return [line for _ in range(length) for line in _statement(dice, depth, held)]


def _statement(dice, depth, held):
    kinds = [_plain, _plain, _with, _acquire, _for, _branch, _try, _wait]
    return dice.choice(kinds if depth < 3 else kinds[:2])(dice, depth, held)


def _indented(lines):
    return [f"    {line}" for line in lines]


def _plain(dice, depth, held):
    names = {"f": dice.choice("xy"), "g": dice.choice("xy"), "v": dice.choice("ab")}
    return [dice.choice(_PLAIN).format(**names)]


def _with(dice, depth, held):
    lock = dice.choice("kl")
    inside = _indented(_block(dice, 1, depth + 1, held + lock))
    return [f"with {lock}:" if lock not in held else "if True:", *inside]


def _acquire(dice, depth, held):
    lock = dice.choice("kl")
    inside = _block(dice, 1, depth + 1, held + lock)
    return inside if lock in held else [f"{lock}.acquire()", *inside, f"{lock}.release()"]


def _for(dice, depth, held):
    variable = dice.choice("__i")
    lines = _block(dice, 1, depth + 1, held)
    lines += dice.choice([[], [], [f"a += {variable}"], ["if b > 1:", "    break"]])
    return [f"for {variable} in {dice.choice(_ITERABLES)}:", *_indented(lines)]


def _branch(dice, depth, held):
    lines = [f"if {dice.choice('ab')} {dice.choice(['> 1', '% 2', '== 0'])}:"]
    return [
        *lines,
        *_indented(_block(dice, 1, depth + 1, held)),
        "else:",
        *_indented(_block(dice, 1, depth + 1, held)),
    ]


def _try(dice, depth, held):
    lines = ["try:", *_indented(_block(dice, 1, depth + 1, held))]
    lines += ["    if a > 2:", "        raise KeyError(a)"] if dice.random() < 0.6 else []
    handler = dice.choice(["except KeyError:", "except Exception as error:", "finally:"])
    return [*lines, handler, *_indented(_block(dice, 1, depth + 1, held))]


def _wait(dice, depth, held):
    if dice.random() < 0.7:
        return _plain(dice, depth, held)
    return [f"while {dice.choice('xy')}.read() < 1:", f"    {dice.choice(['pass', 'b = a'])}"]
