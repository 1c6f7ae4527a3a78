"""Small workers made from a number, each with one fault of a named class, and their repaired twins: exercises without end.

Their shapes stand in drafts.json, line by line: `A -= N` is an update of the file A, and words in capitals stand for what is drawn. A line
with ! in its first column is of the worker only, one with = of its twin only. A worker depends on its key alone, on every Python: seed,
attempt and number of the class. So a child process that is told its name, such as "book (7.2.3)", makes it anew, by `getattr` of this module.
"""

import json
import linecache
import random
import re
from functools import cache
from pathlib import Path
from typing import Any

from helpers.events import listed
from helpers.resources import CounterFile, Lock

TEXTS = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
# By class: whether some of its orders "fails", what it "is", what the worker "would" be like if it was of this class, a "hint" to it, and its "shapes".
FAULTS: dict[str, Any] = TEXTS["faults"]


@cache
def texts(key: str) -> tuple[str, str]:
    """The source of the worker of that key, and of its repaired twin: modules, whose first lines say what is run."""
    seed, attempt, number = map(int, key.split("."))
    # Of all methods of Random, this one gives the same on every Python.
    chance = random.Random((seed * 1000 + attempt) * 10 + number).random

    def of(options):
        return options[int(chance() * len(options))]

    kinds = list(FAULTS.values())
    shape = of(of([kind["shapes"] for kind in (kinds[number:][:1] if number else kinds)]))
    drawn = {name: of(options) for name, options in (TEXTS["drawn"] | shape).items()}
    a, b, take, give, own = drawn["story"].split()
    one, two = _filled(drawn["locks"], {"A": a, "B": b}).split()
    words = drawn | {"A": a, "B": b, "OWN": own, "ONE": one, "TWO": two}
    names = {who: name for who, name in (("T", take), ("G", give)) if who in drawn["team"]}
    bodies = {who: [_body(who, words, has) for has in (number > 0, False)] for who in names}
    takes = {
        who: [w for w in (a, b, "prices", own, one, two, "me", "times") if _has(str(body), w)]
        for who, body in bodies.items()
    }
    start, runs = {a: drawn["start"], b: drawn["start"], "prices": drawn["price"]}, ""
    for letter, me, times, who in zip("ABC", "012", drawn["times"], drawn["team"], strict=False):
        mine = f"{own}_{letter.lower()}"
        given, start[mine] = {"me": me, "times": times, own: mine}, "0"
        runs += f"{letter} runs {names[who]}({', '.join(given.get(w, w) for w in takes[who])}).\n"
    says = listed(f"{name} says {number}" for name, number in start.items() if _has(runs, name))
    head = f'"""Challenge {seed}.\n\n{runs}\nAt the start {says}.\n"""\n'
    head += "\nfrom helpers.events import pause\n" * ("pause(" in str(bodies))
    defs = {who: f"\n\ndef {names[who]}({', '.join(takes[who])}):" for who in names}
    worker, twin = (head + "".join(defs[w] + bodies[w][i] for w in names) for i in (0, 1))
    return worker, twin


def _has(text, word):
    return re.search(rf"\b{word}\b", text)


def _filled(text, words):
    return re.sub(r"\b[A-Z]+\b|[AB](?=_lock)", lambda found: words.get(found[0], found[0]), text)


def _body(who, words, has_fault):
    """The text of the function that takes (T) or gives (G)."""
    lines = [line[1:] for line in words[who] if line[0] != ("=" if has_fault else "!")]
    if who == "T" and "ASIDE" not in str(words["T"]):
        lines = ["ASIDE", *lines] if words["is_early"] else [*lines, "ASIDE"]
    lines = [line.replace("ASIDE", words["aside"]) for line in lines]
    lines = _written([line for line in lines if line.strip()], words)
    if words["times"] != "111":
        lines = ["for _ in range(times):", *(f"    {line}" for line in lines)]
    text = "".join(f"    {_filled(line, words)}\n" for line in lines)
    return "\n" + "    price = prices.read()\n" * ("price" in text) + text


def _written(lines, words):
    """Short lines as a person writes them out, in the style that was drawn."""
    done = []
    while lines:
        line, *lines = lines
        end = next((i for i, later in enumerate(lines) if later[0] != " "), len(lines))
        block, lines = _written([inner[2:] for inner in lines[:end]], words), lines[end:]
        form, names = [line, "    BODY"], {"LOCK": line[5:-1]}
        if line.startswith("with "):
            form = words["with"]
        elif change := re.fullmatch(r"(\w+) ([+-])= (\w+)", line):
            form, names = words["update"], {"FILE": change[1], "SIGN": change[2], "BY": change[3]}
        for text in form:
            wide = text.removesuffix("BODY")
            done += [_filled(text, names)] if wide == text else [wide + inner for inner in block]
    return done


@cache
def _functions(key, more):
    """All that is defined in the worker of that key, or in its twin (` repaired`); `inspect` finds the text as that of a file."""
    text, file, found = texts(key)[bool(more)], f"<challenge {key}{more}>", {"__name__": __name__}
    linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file
    exec(compile(text, file, "exec"), found)  # noqa: S102 - it was written above
    return found


def team(key: str, more: str = "") -> list[tuple]:
    """A list of (worker, args), of functions that child processes find by name; with " repaired" those of the twin."""
    text, members = texts(key)[0], []
    known = {n: CounterFile(n, start=int(s)) for n, s in re.findall(r"(\w+) says (\d+)", text)}
    for name, args in re.findall(r"^\w runs (\w+)\((.*)\)", text, re.MULTILINE):
        worker = _functions(key, more)[name]
        worker.__qualname__ = f"{name} ({key}{more})"
        for arg in args.split(", "):
            known.setdefault(arg, int(arg) if arg.isdigit() else Lock(arg))
        members.append((worker, tuple(known[arg] for arg in args.split(", "))))
    return members


def __getattr__(name):
    if found := re.fullmatch(r"(\w+) \(([\d.]+)( repaired)?\)", name):
        return _functions(found[2], found[3] or "")[found[1]]
    raise AttributeError(name)
