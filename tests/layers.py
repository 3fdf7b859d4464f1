"""The layers of the package, and what each may import: the table of CONTRIBUTING.md, as data."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Layer(NamedTuple):
    ours: frozenset[str]  # packages of zmqlab
    others: frozenset[str]  # distributions beside the standard library


def layer(ours: str, others: str = "") -> Layer:
    return Layer(frozenset(ours.split()), frozenset(others.split()))


LAYERS = {
    "trace": layer("trace"),
    "view": layer("view trace extras"),
    "lab": layer("lab view trace", "zmq psutil"),
    "majordomo": layer("majordomo", "zmq"),
    "bench": layer("bench majordomo", "zmq"),
    "course": layer("course lab view trace majordomo extras", "zmq psutil jupyter_core"),
}
"""`zmqlab/__init__.py` imports all of it lazily."""

EXCEPTIONS = {
    "view/widget.py": frozenset({"anywidget", "traitlets", "IPython"}),
    "lab/progress.py": frozenset({"IPython"}),
    "course/predict.py": frozenset({"ipywidgets", "IPython"}),
    "course/verdict.py": frozenset({"ipywidgets", "IPython"}),
}
"""The places that know the notebook. All else runs without it."""


class Import(NamedTuple):
    module: str  # absolute
    line: int


def imports(path: Path, package: str) -> Iterator[Import]:
    """Every import in the file, wherever it stands; `package` is the package the file lies in."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            # `from . import x` names modules; `from .x import y` names x.
            names = [f"{base}.{alias.name}" for alias in node.names] if base == "zmqlab" else [base]
            yield from (Import(name, node.lineno) for name in names)


def violations(root: Path) -> list[str]:
    """What in the package at `root` (the folder ``zmqlab``) imports something that its layer may not."""
    found = []
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root)
        if len(place.parts) == 1 or "node_modules" in place.parts:
            continue
        rule = LAYERS.get(place.parts[0])
        if rule is None:
            found.append(f"{place}: {place.parts[0]} is no layer; name it in tests/layers.py")
            continue
        package = ".".join(["zmqlab", *place.parent.parts])
        for module, line in imports(path, package):
            if not _allowed(module, rule, EXCEPTIONS.get(place.as_posix(), frozenset())):
                found.append(f"{place}:{line}: {place.parts[0]} may not import {module}")
    return found


def _allowed(module: str, rule: Layer, more: frozenset[str]) -> bool:
    top, *below = module.split(".")
    if top == "zmqlab":
        return bool(below) and below[0] in rule.ours
    return top in sys.stdlib_module_names or top in rule.others or top in more
