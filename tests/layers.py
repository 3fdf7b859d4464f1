"""The layers of the package, and what each may import: the table of CONTRIBUTING.md, as data."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Set
from pathlib import Path
from typing import NamedTuple


class Layer(NamedTuple):
    ours: frozenset[str]  # packages and modules of zmqlab
    others: frozenset[str]  # distributions beside the standard library


def layer(ours: str, others: str = "") -> Layer:
    return Layer(frozenset(ours.split()), frozenset(others.split()))


LAYERS = {
    "trace": layer("trace"),
    "view": layer("view trace extras"),
    "relay": layer("relay trace.events trace.log trace.source trace.spool", "zmq"),
    "sockets": layer("sockets trace", "zmq psutil"),
    "lab": layer("lab sockets relay.reports view trace", "zmq psutil"),
    "recorder": layer("recorder lab sockets view trace", "zmq"),
    "majordomo": layer("majordomo extras", "zmq"),
    "course/scenes": layer("course.scenes lab sockets view trace", "zmq"),
    "course": layer("course lab sockets view trace majordomo extras", "zmq psutil jupyter_core"),
}
"""The first one counts in which a module lies. `zmqlab/__init__.py` imports all of it lazily."""

EXCEPTIONS = {
    "view/widget.py": frozenset({"anywidget", "traitlets", "IPython"}),
    "lab/progress.py": frozenset({"IPython"}),
    "majordomo/metrics.py": frozenset({"prometheus_client"}),
    "course/chaos/findings.py": frozenset({"anywidget", "ipywidgets", "traitlets"}),
    "course/chaos/plot.py": frozenset({"matplotlib"}),
    "course/predict.py": frozenset({"IPython"}),
    "course/quiz.py": frozenset({"IPython"}),
    "course/recall.py": frozenset({"IPython"}),
    "course/learn.py": frozenset({"jupyterlab", "nbformat", "ipykernel"}),
    "course/questions.py": frozenset({"anywidget", "traitlets"}),
    "course/question.py": frozenset({"anywidget", "traitlets"}),
    "course/verdict.py": frozenset({"ipywidgets", "IPython"}),
}
"""The places that know the notebook, Prometheus, or Matplotlib. All else runs without."""


class Import(NamedTuple):
    module: str  # absolute
    line: int
    names: tuple[str, ...] = ()  # what is imported from it: names, or modules of a package


def imports(path: Path, package: str) -> Iterator[Import]:
    """Every import in the file, wherever it stands; `package` is the package the file lies in."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            names = [alias.name for alias in node.names]
            if base == "zmqlab":  # the package itself: what it is asked for are modules
                yield from (Import(f"{base}.{name}", node.lineno) for name in names)
            else:
                yield Import(base, node.lineno, tuple(names))


def violations(root: Path) -> list[str]:
    """What in the package at `root` (the folder ``zmqlab``) imports something that its layer may not."""
    found = []
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root)
        if len(place.parts) == 1 or "node_modules" in place.parts:
            continue
        name = next((name for name in LAYERS if place.is_relative_to(name)), "")
        if not name:
            found.append(f"{place}: {place.parts[0]} is no layer; name it in tests/layers.py")
            continue
        package = ".".join(["zmqlab", *place.parent.parts])
        for module, line, _ in imports(path, package):
            if not _allowed(module, LAYERS[name], EXCEPTIONS.get(place.as_posix(), frozenset())):
                found.append(f"{place}:{line}: {name} may not import {module}")
    return found


def _allowed(module: str, rule: Layer, more: frozenset[str]) -> bool:
    top = module.partition(".")[0]
    if top == "zmqlab":
        return any(f"{module}.".startswith(f"zmqlab.{each}.") for each in rule.ours)
    return top in sys.stdlib_module_names or top in rule.others or top in more


def circles(root: Path) -> list[list[str]]:
    """Modules of the package at `root` that import each other, imports for types alone included."""
    graph = _graph(root)
    found: list[list[str]] = []
    left = dict(graph)
    while left:
        free = [module for module, needs in left.items() if not needs & left.keys()]
        if not free:
            found.append(_one_circle(left))
            free = found[-1]
        for module in free:
            del left[module]
    return found


def _graph(root: Path) -> dict[str, set[str]]:
    """Each module, and what it imports of the others. The package itself imports nothing before it is used."""
    paths = {_name(path.relative_to(root)): path for path in root.rglob("*.py") if "node_modules" not in path.parts}
    graph = {}
    for name, path in paths.items():
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        graph[name] = _modules(path, package, paths.keys()) - {name, "zmqlab"}
    del graph["zmqlab"]
    return graph


def _name(place: Path) -> str:
    parts = ["zmqlab", *place.with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _modules(path: Path, package: str, known: Set[str]) -> set[str]:
    """Those of `known` that a file imports, also as ``from . import x``."""
    found: set[str] = set()
    for module, _, names in imports(path, package):
        within = {f"{module}.{name}" for name in names}
        found |= within & known
        if not within or within - known:
            found.add(module)
    return found & known


def _one_circle(left: dict[str, set[str]]) -> list[str]:
    """Go from one module to the next until one is met again; each of `left` imports another of them."""
    way = [min(left)]
    while True:
        step = min(left[way[-1]] & left.keys())
        if step in way:
            return sorted(way[way.index(step) :])
        way.append(step)
