"""`python -m tests.size`: lines of code by room, and an exit code of 1 where a ceiling is passed.

A line of code is neither blank, nor a comment alone, nor part of a docstring.
"""

import ast
import sys
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINES, FILES, FUNCTION, MODULE = 15_381, 162, 40, 350
SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE}
SILENT |= {tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def code_lines(path, tree):
    """The numbers of the lines of code in a file."""
    with tokenize.open(path) as file:
        tokens = [t for t in tokenize.generate_tokens(file.readline) if t.type not in SILENT]
    lines = {n for token in tokens for n in range(token.start[0], token.end[0] + 1)}
    for node in ast.walk(tree):
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        if documented and ast.get_docstring(node, clean=False) is not None:
            lines -= _span(node.body[0])
    return lines


def too_long(path, tree, lines):
    """What passes a ceiling in one file: the module itself, and its functions."""
    if len(lines) > MODULE:
        yield f"{path}: {len(lines)} lines, at most {MODULE}"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and len(_span(node)) > FUNCTION:
            yield f"{path}:{node.lineno}: {node.name} has {len(_span(node))} lines, at most {FUNCTION}"


def measured(folder):
    """Rooms with [lines, files], and all that passes a ceiling in its files."""
    rooms, over = {}, []
    for path in sorted((ROOT / folder).rglob("*.py")):
        if {"answers", "watched"} & {*path.parts}:  # what learners write, or would
            continue
        place, tree = path.relative_to(ROOT), ast.parse(path.read_bytes())
        lines = code_lines(path, tree)
        room = rooms.setdefault("/".join(place.parts[:-1][:2]), [0, 0])
        room[0] += len(lines)
        room[1] += 1
        over += too_long(place, tree, lines)
    return rooms, over


def main():
    rooms, over = measured("helpers")
    tests, _ = measured("tests")
    for name, (lines, files) in {**rooms, **tests}.items():
        print(f"{name:20} {lines:6} lines in {files:3} files")
    lines, files = map(sum, zip(*rooms.values(), strict=True))
    print(f"{'helpers in all':20} {lines:6} lines in {files:3} files, at most {LINES} in {FILES}")
    if lines > LINES or files > FILES:
        over.append("helpers has grown past its ceiling: make room before you add")
    sys.exit("\n".join(over) or 0)


def _span(node):
    return set(range(node.lineno, node.end_lineno + 1))


if __name__ == "__main__":
    main()
