"""The rules every lesson keeps, each a function that yields what is wrong and what to do about it.

They need no kernel: whether the saved outputs are still true is for nbval and test_tryout.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Set
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

from nbformat import NotebookNode

from tests.notebooks import address, exercises, markdown, outputs, teaching, telling
from tests.notebooks.asked import predictions
from tests.notebooks.drawn import IMAGES, all_drawings
from tests.notebooks.paths import is_appendix, numbered
from tests.notebooks.pictures import SVG
from tests.notebooks.run import read
from tests.notebooks.saved import Lesson, code_lines
from tests.notebooks.shop import is_program, written

WORDS = (800, 1900)
CELLS = (25, 45)  # of both, an appendix may have fewer
CODE_LINES = 200  # to read, narrow ones; imports, predictions, the exercise's skeleton and its check come on top
WIDTH = 62  # of a line of code: half of a window of 1440 pixels shows as much, and the other half is the view's
BINDER = address.binder(address.home())
FUNCTION = re.compile(r"^def .+(?:\n .+)+", re.MULTILINE)
VAGUE = {"here", "click here", "this", "link", "this link", "more", "read more", ""}


def headings(lesson: Lesson) -> Iterator[str]:
    """One H1, at the very beginning, and no level skipped after it."""
    first = lesson.notebook.cells[0] if lesson.notebook.cells else None
    if first is None or first.cell_type != "markdown" or not first.source.startswith("# "):
        yield "the first cell must begin with the title, '# …'"
    found = markdown.headings(lesson.text)
    titles = sum(heading.level == 1 for heading in found)
    if titles != 1:
        yield f"{titles} headings of level 1; there must be one, the title"
    for above, below in pairwise(found):
        if below.level > above.level + 1:
            yield f"'{below.text}' is of level {below.level} under '{above.text}' of level {above.level}"


def minutes(lesson: Lesson) -> Iterator[str]:
    start = [cell.source for cell in lesson.notebook.cells[:3] if cell.cell_type == "markdown"]
    if not any(char.isdigit() and "minutes" in text for text in start for char in text):
        yield "the first three cells must say how many minutes the lesson takes"


def images(lesson: Lesson) -> Iterator[str]:
    drawn = {f"{IMAGES.name}/{drawing.name}": drawing.alt for drawing in all_drawings()}
    for link in markdown.links(lesson.text):
        if link.image and not link.text.strip():
            yield f"the image {link.target} has no alternative text"
        alt = drawn.get(link.target, link.text)
        if link.image and link.text != alt:
            yield f"the alternative text of {link.target} is not that of its drawing: {alt}"


def links(lesson: Lesson) -> Iterator[str]:
    """Every relative link leads to a file and a heading that exist, and says where it goes."""
    for link in markdown.links(lesson.text):
        if not link.image and link.text.strip().lower() in VAGUE:
            yield f"the text of the link to {link.target} ('{link.text}') does not say where it goes"
        problem = _broken(lesson, link.target)
        if problem:
            yield problem


def _broken(lesson: Lesson, target: str) -> str:
    parts = urlsplit(target)
    if parts.scheme == "attachment":
        return ""
    if parts.scheme or parts.netloc:
        return "" if parts.scheme in ("https", "http") and "." in parts.netloc else f"{target} is no web address"
    path = lesson.path.parent / unquote(parts.path) if parts.path else lesson.path
    if not path.exists():
        return f"the link {target} leads to no file"
    if not parts.fragment:
        return ""
    if path.suffix == ".ipynb":
        there = markdown.anchors(markdown.markdown_of(read(path)), github=False)
    else:
        there = markdown.anchors(path.read_text(encoding="utf-8"), github=True)
    return "" if unquote(parts.fragment) in there else f"{target}: there is no such heading"


def binder(lesson: Lesson) -> Iterator[str]:
    """The first cell opens this lesson, and no other, on Binder."""
    first = lesson.notebook.cells[0].source if lesson.notebook.cells else ""
    if BINDER + lesson.path.name not in {link.target for link in markdown.links(first)}:
        yield f"the first cell must have a link to {BINDER}{lesson.path.name}"


def navigation(lesson: Lesson) -> Iterator[str]:
    """The last cell leads to the contents, and to the lessons before and after; from an appendix, back to a lesson."""
    last = lesson.notebook.cells[-1] if lesson.notebook.cells else None
    found = markdown.links(last.source) if last is not None and last.cell_type == "markdown" else []
    if not any("contents" in link.text.lower() for link in found):
        yield "the last cell must have a link with the text 'Contents'"
    way = _way_back if is_appendix(lesson.path) else _ways_on
    yield from way(lesson.path, {unquote(urlsplit(link.target).path) for link in found})


def _ways_on(path: Path, targets: set[str]) -> Iterator[str]:
    order = numbered(path.parent)
    place = order.index(path) if path in order else 0
    for neighbour, name in ((place - 1, "previous"), (place + 1, "next")):
        if 0 <= neighbour < len(order) and order[neighbour].name not in targets:
            yield f"the last cell must lead to the {name} lesson, {order[neighbour].name}"


def _way_back(path: Path, targets: set[str]) -> Iterator[str]:
    """An appendix stands beside the lessons: it is found, and left, by the one that speaks of it."""
    own = [other.name for other in numbered(path.parent) if _leads_to(path.name, other)]
    if not own:
        yield "no lesson has a link to this appendix, so nobody finds it"
    elif not targets.intersection(own):
        yield f"the last cell must lead back to a lesson that has a link to this appendix: {', '.join(own)}"


def _leads_to(name: str, path: Path) -> bool:
    found = markdown.links(markdown.markdown_of(read(path)))
    return name in {unquote(urlsplit(link.target).path) for link in found}


def size(lesson: Lesson) -> Iterator[str]:
    """A lesson takes 20 to 30 minutes and has one idea; an appendix may be shorter. What goes deeper is not counted,
    nor are lines of code that a reader knows already."""
    short = is_appendix(lesson.path)
    prose = "\n\n".join(cell.source for cell in lesson.main if cell.cell_type == "markdown")
    asked = {each.cell for each in predictions(lesson.notebook)}
    code = [cell for cell in lesson.main if cell.cell_type == "code" and cell.id not in asked]
    to_read = [cell for cell in code if not exercises.is_skeleton(cell) and not exercises.is_check(cell)]
    counts = [
        (markdown.words(prose), "words of prose", *WORDS),
        (len(lesson.main), "cells", *CELLS),
        (_lines(to_read, _of_earlier_programs(lesson)), "lines of code", 0, CODE_LINES),
    ]
    for count, what, usual, most in counts:
        least = 0 if short else usual
        if not least <= count <= most:
            yield f"{count} {what}; a lesson has {least} to {most}"


def _lines(cells: list[NotebookNode], known: Set[str]) -> int:
    """How many lines of these cells a reader has not read yet.

    Not those of a function that is written once more, letter for letter; nor, of a program, those that stand in a
    program of an earlier lesson, from which it differs by a few lines.
    """
    functions: set[str] = set()
    count = 0
    for cell in cells:
        new = cell.source
        for function in FUNCTION.findall(cell.source):
            new = new.replace(function, "") if function in functions else new
            functions.add(function)
        lines = code_lines(new)
        count += sum(line not in known for line in lines) if is_program(cell) else len(lines)
    return count


def _of_earlier_programs(lesson: Lesson) -> frozenset[str]:
    """The lines of the programs that the lessons before this one write."""
    before = [path for path in numbered(lesson.path.parent) if path.name < lesson.path.name]
    return frozenset(line for path in before for program in written(read(path)) for line in code_lines(program.text))


def width(lesson: Lesson) -> Iterator[str]:
    """A line of code is seen whole beside the view. ruff says the same, but leaves out what `%%writefile` writes."""
    for cell in lesson.code:
        for line in cell.source.splitlines():
            if len(line) > WIDTH:
                yield f"cell {cell.id} has a line of {len(line)} characters, and {WIDTH} are seen: {line.strip()}"


def pictures(lesson: Lesson) -> Iterator[str]:
    """A lesson is also read without a kernel, where a view is only a line of text."""
    if not any(SVG in output.get("data", {}) for cell in lesson.code for output in cell.outputs):
        yield "no cell saves a drawing; end one whose run is certain with lab.picture()"


def syntax(lesson: Lesson) -> Iterator[str]:
    """Code that is not a cell or line magic is Python."""
    for cell in lesson.code:
        if cell.source.lstrip().startswith(("%", "!")):
            continue
        try:
            compile(cell.source, cell.id, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST)
        except SyntaxError as error:
            yield f"cell {cell.id} is no Python: {error}"


def waits(lesson: Lesson) -> Iterator[str]:
    """What a cell waits for may never happen, when a learner has broken the program that should do it.

    A loop that sleeps is a wait, and so is one that reads a monitor: a socket whose peer is away tells of a try ten
    times a second, so that no `poll` of it ever ends the loop.
    """
    for cell in lesson.code:
        code = "\n".join(line for line in cell.source.splitlines() if not line.startswith(("%", "!")))
        try:
            tree = ast.parse(code)
        except SyntaxError:  # `syntax` tells
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.While) and _is_a_wait(node) and not _calls(node, "monotonic"):
                yield f"cell {cell.id} waits without a deadline: {ast.unparse(node.test)}. Write lab.until(lambda: …)"
            if isinstance(node, ast.Call) and _waits_for_a_program(node):
                yield f"cell {cell.id} waits without a deadline: {ast.unparse(node.func)}. Write timeout=30"


def _is_a_wait(loop: ast.While) -> bool:
    sleeps = any(isinstance(step, ast.Expr) and _calls(step, "sleep") for step in loop.body)
    return (sleeps and not isinstance(loop.test, ast.Constant)) or _calls(loop, "recv_monitor_message")


def _waits_for_a_program(call: ast.Call) -> bool:
    function = ast.unparse(call.func)
    waits = re.fullmatch(r"subprocess\.(run|call|check_call|check_output)|.+\.communicate", function)
    return bool(waits) and not any(keyword.arg in ("timeout", None) for keyword in call.keywords)  # None: **more


def _calls(tree: ast.AST, name: str) -> bool:
    functions = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(name in (getattr(function, "attr", ""), getattr(function, "id", "")) for function in functions)


Rule = Callable[[Lesson], Iterator[str]]

RULES: dict[str, Rule] = {
    "headings": headings,
    "minutes": minutes,
    "images": images,
    "links": links,
    "binder": binder,
    "navigation": navigation,
    "size": size,
    "width": width,
    "pictures": pictures,
    "syntax": syntax,
    "waits": waits,
}


EXCUSED = teaching.EXCUSED | telling.EXCUSED

NOT_IN_AN_APPENDIX = {
    "exercise": "no later lesson needs what could be trained there",
    "recall": "no lesson comes before it",
    "strip": "it is no part of the way",
    "needs": "it stands beside a lesson, and may need no other",
}
"""Rule -> why no appendix has to keep it."""


def due(lesson: Lesson) -> dict[str, Rule]:
    """The rules that this lesson has to keep."""
    every = RULES | teaching.RULES | telling.RULES
    free = {name for stem, name in EXCUSED if stem == lesson.path.stem}
    if is_appendix(lesson.path):
        free |= NOT_IN_AN_APPENDIX.keys()
    return {name: rule for name, rule in every.items() if name not in free}


def check(path: Path) -> list[str]:
    """All that is wrong with one notebook, as "<rule>: <what>"."""
    lesson = Lesson(path, read(path))
    findings = [(name, rule(lesson)) for name, rule in due(lesson).items()]
    findings += [(name, rule(lesson.notebook)) for name, rule in outputs.RULES.items()]
    return [f"{name}: {problem}" for name, found in findings for problem in found]
