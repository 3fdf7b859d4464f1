"""``python -m tests.bench`` lists the measurements, ``python -m tests.bench NAME --help`` explains one.

Both sides of a measurement run in one go, and a ratio is what counts. A measurement is a module here: the first line of
its docstring says what it measures, ``main(argv)`` does it.

``python -m tests.bench --enough 0.7 NAME`` ends with 1 only when a figure reaches less than 0.7 of its mark.
"""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path

from tests.bench.marks import ask_for


def benches() -> dict[str, str]:
    """Name and description (the first docstring line) of every measurement, without importing any."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("[!_]*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(item, ast.FunctionDef) and item.name == "main" for item in module.body):
            found[path.stem] = (ast.get_docstring(module) or "").partition("\n")[0]
    return found


def main(argv: list[str]) -> int:
    known = benches()
    if not argv or argv[0] in ("-h", "--help"):
        print("usage: python -m tests.bench [--enough SHARE] NAME [options]\n")
        for name, description in known.items():
            print(f"  {name:10} {description}")
        return 0
    if argv[0] == "--enough":
        _, share, *argv = argv
        ask_for(float(share))
    name, *rest = argv
    if name not in known:
        print(f"no measurement is called {name!r}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    importlib.import_module(f"tests.bench.{name}").main(rest)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
