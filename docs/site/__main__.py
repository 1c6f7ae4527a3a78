"""`python -m docs.site FOLDER PYTHON`: the course as pages to read, in FOLDER; `make site` calls it.

The lessons are run in a copy of the course, and Sphinx, in the environment of PYTHON, makes the pages of them.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat

from helpers import front
from helpers.panels.questions import lessons
from helpers.pictures.declared import with_small_images
from tests.environments import copy_tracked_files, execute

FRONT = front.inlined()
FIRST = """
**[Begin with lesson 00](notebooks/00_start_here.ipynb)**, or
<a href="live/index.html">try it in the browser</a>. These pages are the lessons as they came out of one run;
to move the sliders yourself, get the course and type `make lab`.

"""
TREE = """
```{{toctree}}
:caption: {}
:glob:
:hidden:

{}
```
"""
SOURCE = "---\norphan: true\n---\n# {}\n\n```{{literalinclude}} {}\n:language: python\n```\n"


def main(target, python):
    """Writes the site into the folder `target`."""
    with TemporaryDirectory() as name:
        folder = copy_tracked_files(Path(name))
        for path in sorted((folder / "notebooks").glob("[0-9]*.ipynb")):
            run(path)
        (folder / "index.md").write_text(first_page(folder), encoding="utf-8")
        for path in [folder / "index.md", *(folder / "docs").glob("*.md")]:
            path.write_text(linked(path.read_text(encoding="utf-8"), path), encoding="utf-8")
        settings = folder / "docs" / "site"
        script = FRONT.removeprefix("<script>").removesuffix("</script>")
        (settings / "static" / "front.js").write_text(script, encoding="utf-8")
        options = ["-W", "--keep-going", "-q", "-j2", "-c", settings, "-d", folder / "read"]
        subprocess.run([python, "-m", "sphinx", *options, folder, target], check=True)
        shutil.copy2(folder / "docs" / "cheat_sheet.html", Path(target, "docs"))


def first_page(folder):
    """The README without what is about installing, and the tree of all pages."""
    readme = (folder / "README.md").read_text(encoding="utf-8").partition("\n## Windows")[0]
    above, _, below = readme.partition("\n**[Read it]")
    entries = (f"{one.number} {one.title} <notebooks/{one.file}>" for one in lessons().values())
    tree = TREE.format("Lessons", "\n".join(entries).replace("`", ""))
    tree += TREE.format("Look it up", "docs/*\nCHANGELOG")
    return above + FIRST + "## Lessons\n" + below.partition("\n## Lessons\n")[2] + tree


def run(path):
    """Run a lesson, and keep of its outputs what a page can show."""
    notebook = nbformat.read(path, as_version=4)
    # Five minutes for a cell: the machine may be busy.
    execute(notebook, path.parent, limit=300, store_widget_state=False)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = linked(cell.source, path)
            continue
        cell.outputs = [*filter(None, map(tidy, cell.outputs))]
        if cell.metadata.get("tags"):  # the setup cell and solutions
            cell.metadata.tags = ["hide-input"]
    nbformat.write(notebook, path)


def tidy(output):
    """An output as a page can show it, or None: without the front end's script, which each page has once, its pictures small."""
    data = output.get("data", {})
    page = data.get("text/html", "").replace(FRONT, "")
    if any("widget-view" in kind for kind in data) or ("text/html" in data and not page):
        return None
    if page:
        small = page if 'class="course-twin"' in page else with_small_images(page)
        output.data = {"text/html": small}
    return output


def linked(text, path):
    """Markdown of the page at `path` whose links lead to pages: a script of the course becomes one."""
    return re.sub(r"(?<!!)\[([^]]+)\]\(([^):#]+)\)", lambda found: led(*found.groups(), path), text)


def led(words, link, path):
    """A link as Markdown, to the page that the site has for it; its words alone where it has none."""
    to = path.parent / link
    if link.endswith((".ipynb", ".md")):
        return f"[{words}]({link})"
    if link.endswith(".html"):  # Sphinx would make it a download
        return f'<a href="{link}">{words}</a>'
    if link.endswith(".py"):
        to.with_suffix(".md").write_text(SOURCE.format(to.name, to.name), encoding="utf-8")
        return f"[{words}]({link.removesuffix('.py')}.md)"
    return words


if __name__ == "__main__":
    main(*sys.argv[1:])
