"""What a check says of a Failure, in three hints that give away more and more, and never the solution."""

import html
import os
import re


def hints(answer, asked, failure):
    """The three hints: where an order fails, what collides there, and what is at fault.

    Where no order explains the Failure they are what was `asked`, its place in the file, and what was seen.
    """
    line, place = _place(answer, failure)
    if not failure.why:
        return f"What is asked: {asked}", f"Where: {place}.", failure.reason
    why = failure.why
    died = f" A process ended with an error in line {line}." if line else ""
    turn = f"{why.turn}. Before this step the order could still end well; after it, nothing leads to a right end any more."
    return turn, f"What collides: {why.collision}.", f"{why.fault}.{died} {failure.reason}"


def _place(answer, failure):
    """The line in which a process died, None where none did; and where in the file the Failure lies, in words."""
    run, file = failure.run, os.path.basename(answer.path)
    traces = "".join(crash.trace for crash in run.crashes) if run else ""
    died = re.findall(rf'"{re.escape(answer.path)}", line (\d+)', traces)
    if known := died or re.findall(r"[Ll]ine (\d+)", failure.reason):
        return int(died[-1]) if died else None, f"line {known[-1]} of {file}"
    words = re.findall(r"\w+", f"{run.worker if run else ''} {failure.reason}")
    name = next(
        (name for name in words if name in answer.names), "".join(answer.names[:1] if run else "")
    )
    return None, f"{name} in {file}" if name else file


def folded(texts):
    """The hints as HTML that opens one by one, by mouse or keyboard: each lies inside the one before."""
    page = ""
    for number, text in reversed([*enumerate(texts, 1)]):
        say = f"<summary>Hint {number} of {len(texts)}</summary><div>{html.escape(text)}</div>"
        page = f'<details style="margin-left: 1em">{say}{page}</details>'
    return page
