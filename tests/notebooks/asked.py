"""The predictions of a lesson: what is asked, with which choices, and what the saved run says."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

BLEAKEST = "bleakest"
"""In a cell's metadata, under "zmqlab": the choice that sounds worst, where one does."""

FAIR = (0.35, 0.65)
"""How often the bleakest choice may be the right one: who always says it, learns nothing."""


@dataclass(frozen=True)
class Asked:
    """One `predict`: the place of its cell, the name it is given or "", the question and its choices with their
    reasons, as far as they are written there as text, which of them is the bleakest, and which the saved run calls
    right ("" for none)."""

    place: int
    cell: str
    name: str
    question: str
    choices: dict[str, str]
    bleakest: str = ""
    right: str = ""


@dataclass(frozen=True)
class Call:
    """A call of a method `answer`, outside of any function: the place of its cell, and whose."""

    place: int
    name: str


def predictions(notebook: NotebookNode) -> list[Asked]:
    found = []
    answered = answers(notebook)
    for place, tree in trees(notebook):
        names = {id(node.value): _target(node) for node in ast.walk(tree) if isinstance(node, ast.Assign)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "predict":
                name = names.get(id(node), "")
                found.append(_asked(notebook, place, name, node, answered))
    return found


def answers(notebook: NotebookNode) -> list[Call]:
    return [
        Call(place, node.func.value.id)
        for place, tree in trees(notebook)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "answer"
        and isinstance(node.func.value, ast.Name)
    ]


def bleak(notebooks: Iterable[NotebookNode]) -> tuple[int, int]:
    """How often the bleakest choice is right, and of how many predictions that have one."""
    tagged = [asked for notebook in notebooks for asked in predictions(notebook) if asked.bleakest]
    return sum(asked.right == asked.bleakest for asked in tagged), len(tagged)


def trees(notebook: NotebookNode) -> Iterator[tuple[int, ast.AST]]:
    """Each code cell that is Python: its place, and what it says."""
    for place, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            try:
                tree = compile(cell.source, cell.id, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST)
            except SyntaxError:  # a magic; or no Python, which another rule says
                continue
            yield place, tree


def _asked(notebook: NotebookNode, place: int, name: str, call: ast.Call, answered: list[Call]) -> Asked:
    cell = notebook.cells[place]
    choices = _choices(call)
    bleakest = cell.metadata.get("zmqlab", {}).get(BLEAKEST, "")
    later = [notebook.cells[answer.place] for answer in answered if answer.name == name]
    printed = " ".join(word for each in later for output in each.outputs for word in output.get("text", "").split())
    right = (choice for choice in choices if f"The run says {choice}: ".replace("`", "") in printed)
    question = _text(call.args[0]) if call.args else ""
    return Asked(place, cell.id, name, question, choices, bleakest, next(right, ""))


def _choices(call: ast.Call) -> dict[str, str]:
    for written in call.args[1:]:
        if isinstance(written, ast.Dict):
            texts = [(_text(key), _text(value)) for key, value in zip(written.keys, written.values, strict=True)]
            return {choice: reason for choice, reason in texts if choice}
    return {}


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _target(node: ast.Assign) -> str:
    return node.targets[0].id if isinstance(node.targets[0], ast.Name) else ""
