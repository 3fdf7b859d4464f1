"""The rules for how a lesson is told: what opens it, where the reader is, and sentences that a newcomer follows.

As in hygiene.py, each is a function that yields what is wrong.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from nbformat import NotebookNode

from tests.notebooks import exercises, markdown
from tests.notebooks.asked import predictions, trees
from tests.notebooks.paths import number, numbered
from tests.notebooks.pictures import SVG
from tests.notebooks.saved import Lesson, code_lines
from tests.notebooks.sections import sections, set_up

STAGES = ("the demo", "pipelined DEALERs with correlation IDs", "a broker", "the full broker")
ENDS = ("03", "05", "10", "13")
"""The last lesson of each stage."""

TAKEN_ALONG = "What you have now"
EARLY = 12  # lines of code before the first prediction
SET_UP = 15  # lines of a cell of the set-up
SHORT = 6  # words; a sentence of so many is short
FEW_SHORT = 0.15  # at most this part of the sentences is short
NO_SENTENCE = ("#", "|", "![", "<", "**Time", "**You are here")  # how such a line begins
LAB = re.compile(r"\blab\.")
LIST_OR_TEXT = re.compile(r"^\s*(?:[-*+]|\d+\.|>)\s+", re.MULTILINE)
SENTENCE_END = re.compile(r"(?<=[.!?])[\"')*_]*\s+|\n\s*\n|\n(?=\s*(?:[-*+]|\d+\.)\s)")


def opening(lesson: Lesson) -> Iterator[str]:
    """A failure that somebody had, told in a quote that ends with a question, and where it was told first."""
    first = lesson.notebook.cells[0].source if lesson.notebook.cells else ""
    quote = " ".join(line.lstrip("> ") for line in first.splitlines() if line.startswith(">"))
    if "?" not in quote:
        yield "the first cell must open with a failure that somebody had, as a quote ('> …') with a question in it"
    if not any(link.target.startswith("https://") and "mybinder" not in link.target for link in markdown.links(first)):
        yield "the first cell must say where that failure was told first, with a link"


def strip(lesson: Lesson) -> Iterator[str]:
    """The map in one line, and the reader's place on it."""
    wanted = you_are_here(number(lesson.path))
    if wanted not in [line.strip() for line in lesson.text.splitlines()]:
        yield f"the lesson must say where the reader is, in a line of its own: {wanted}"


def you_are_here(lesson: str) -> str:
    """The line for that lesson, which is called like "05"."""
    here = next(stage for stage, end in zip(STAGES, ENDS, strict=True) if lesson <= end)
    return "**You are here:** " + " → ".join(f"**{stage}**" if stage == here else stage for stage in STAGES)


def needs(lesson: Lesson) -> Iterator[str]:
    """Who reads the lessons in their order has read all that come before."""
    before = [number(path) for path in numbered(lesson.path.parent) if path.name < lesson.path.name]
    first = lesson.notebook.cells[0].source if lesson.notebook.cells else ""
    if before and f"**You need:** {in_words(before)}" not in first:
        yield f"the first cell must say what comes before: **You need:** {in_words(before)}"


def in_words(before: list[str]) -> str:
    """One lesson and more, which are called like "05"."""
    if len(before) == 1:
        return f"lesson {before[0]}"
    return f"lessons {before[0]} {'and' if len(before) == 2 else 'to'} {before[-1]}"


def recall(lesson: Lesson) -> Iterator[str]:
    """Three questions back, before anything new is asked."""
    wanted = f'recall("{number(lesson.path)}")'
    asks = [cell.id for cell in lesson.code if cell.source.rstrip().endswith(wanted)]
    if asks != ["recall"]:
        yield f"one cell, with the id recall, must end with {wanted}"
        return
    order = [cell.id for cell in lesson.notebook.cells]
    if any(order.index(asked.cell) < order.index("recall") for asked in predictions(lesson.notebook)):
        yield f"{wanted} must come before the first prediction"


def early(lesson: Lesson) -> Iterator[str]:
    asked = predictions(lesson.notebook)
    if asked:
        before = [cell for cell in lesson.notebook.cells[: asked[0].place] if cell.cell_type == "code"]
        lines = sum(len(code_lines(cell.source)) for cell in before)
        if lines > EARLY:
            yield f"{lines} lines of code before the first prediction; {EARLY} at the most"


def light(lesson: Lesson) -> Iterator[str]:
    """What a learner need not read is no cell of the lesson. A question is read."""
    asked = {each.cell for each in predictions(lesson.notebook)}
    for cell in set_up(lesson.notebook):
        lines = len(code_lines(cell.source))
        if lines > SET_UP and cell.id not in asked:
            yield f"cell {cell.id} of the set-up has {lines} lines; {SET_UP} at the most"


def seen(lesson: Lesson) -> Iterator[str]:
    """A section whose run answers a prediction is also read without a kernel."""
    for title, cells in sections(lesson.notebook):
        source = "\n".join(cell.source for cell in cells)
        pictured = any(_is_picture(output) for cell in cells for output in cell.outputs)
        if ".answer(" in source and LAB.search(source) and not pictured:
            yield f"section '{title}' answers a prediction and saves no picture: end its run with lab.picture()"


def _is_picture(output: NotebookNode) -> bool:
    return bool({SVG, "image/png", "image/jpeg"} & set(output.get("data", {})))


def sentences(lesson: Lesson) -> Iterator[str]:
    """Telegrams hide who does what, and why."""
    found = [
        each for cell in lesson.notebook.cells if cell.cell_type == "markdown" for each in in_sentences(cell.source)
    ]
    short = [each for each in found if markdown.words(each) <= SHORT]
    if len(short) > FEW_SHORT * len(found):
        share = f"{len(short)} of {len(found)} sentences have {SHORT} words or fewer, at most {FEW_SHORT:.0%} may"
        yield f"{share}: {' / '.join(each.strip() for each in short[:8])} …"


def in_sentences(text: str) -> list[str]:
    """The sentences of paragraphs and lists; headings, tables, images and lines of links are none."""
    kept = []
    for line in markdown.prose(text).splitlines():
        kept.append("" if line.startswith(NO_SENTENCE) or " · [" in line else line)
    parts = SENTENCE_END.split(markdown.INLINE_CODE.sub("code", "\n".join(kept)))
    return [LIST_OR_TEXT.sub("", part) for part in parts if re.search(r"\w", part)]


def readable(lesson: Lesson) -> Iterator[str]:
    """Code that is read aloud in the order in which it runs."""
    names = {cell.id: cell for cell in lesson.code}
    for place, tree in trees(lesson.notebook):
        cell = lesson.notebook.cells[place].id
        if cell in names and not exercises.is_skeleton(names[cell]):
            yield from (f"cell {cell} {problem}" for problem in _hard_to_read(tree))


def _hard_to_read(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and any(isinstance(part, ast.NamedExpr) for part in ast.walk(node)):
            yield "has a := within a call: give it a line of its own"
        if isinstance(node, ast.Call) and any(
            isinstance(part, ast.BoolOp) and isinstance(part.values[0], ast.Call) for part in node.args
        ):
            yield "hands on what a call gives 'or' something else: give it a line of its own"
        if isinstance(node, ast.Expr) and isinstance(node.value, (ast.ListComp, ast.SetComp, ast.DictComp)):
            yield "has a comprehension for what it does and not for what it makes: write the loop"
        if (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == "id") or (
            isinstance(node, ast.arg) and node.arg == "id"
        ):
            yield "calls something 'id', which is Python's own word"


def ending(lesson: Lesson) -> Iterator[str]:
    """What the reader takes along."""
    if markdown.Heading(2, TAKEN_ALONG) not in markdown.headings(lesson.text):
        yield f"no section '## {TAKEN_ALONG}': the program, the key points, the pattern's name, what to read next"


RULES: dict[str, Callable[[Lesson], Iterator[str]]] = {
    "opening": opening,
    "strip": strip,
    "needs": needs,
    "recall": recall,
    "early": early,
    "light": light,
    "seen": seen,
    "sentences": sentences,
    "readable": readable,
    "ending": ending,
}

EXCUSED = {
    ("00-start-here", "strip"): "it has the map itself",
    ("00-start-here", "recall"): "there is no lesson before it",
    ("07-a-broker-that-knows-who-is-free", "light"): "the broker itself, nineteen lines, is what is learned there",
    ("11-the-full-broker", "seen"): "a run of a thousand requests is told in numbers; all others have their pictures",
    ("13-your-own-broker", "light"): "the broker of lesson 07 once more, which the learner changes and the run breaks",
}
"""(lesson, rule) -> why the rule does not hold there."""
