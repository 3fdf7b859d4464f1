"""Keep the notebooks in order.

    python -m tests.notebooks refresh [notebook …]    execute them and save what is committed
    python -m tests.notebooks check [notebook …]      say which rules they break; executes nothing
    python -m tests.notebooks solve [notebook …]      execute with the solutions: checks pass, all else is as saved
    python -m tests.notebooks again [notebook …]      solve; then each section again in the same kernel, alone
    python -m tests.notebooks measure [--times 10] [--load] [notebook …]    seconds under nbval; what fails now and then
    python -m tests.notebooks map                    write notebooks/misconceptions.md and notebooks/teaching.md
    python -m tests.notebooks address URL            in a fork: write its address into all that names the repository
    python -m tests.notebooks draw                   write the drawings, notebooks/images/*.svg, that have changed

Without names: all lessons.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from nbclient.exceptions import CellExecutionError, CellTimeoutError

from tests.notebooks import instructors
from tests.notebooks.address import move
from tests.notebooks.asked import bleak
from tests.notebooks.drawn import draw
from tests.notebooks.hygiene import check
from tests.notebooks.mapped import PAGE, page
from tests.notebooks.measure import measure
from tests.notebooks.paths import lessons
from tests.notebooks.run import read, refresh
from tests.notebooks.tryout import AT_ONCE, try_out


def main(arguments: list[str] | None = None) -> int:
    """0 when all is well, 1 when a notebook fails or breaks a rule or misses a mark."""
    options = _parser().parse_args(arguments)
    if options.command == "map":
        PAGE.write_text(page(), encoding="utf-8")
        instructors.PAGE.write_text(instructors.page(), encoding="utf-8")
        return 0
    if options.command == "draw":
        print(*draw(), sep="\n")
        return 0
    if options.command == "address":
        print(*move(options.url), sep="\n")
        return 0
    paths = [path.resolve() for path in options.notebooks] or lessons()
    if options.command == "measure":
        return 0 if measure(paths, options.times, loaded=options.load) else 1
    return 0 if COMMANDS[options.command](paths) else 1


def _parser() -> argparse.ArgumentParser:
    whole = argparse.RawDescriptionHelpFormatter  # which says what each command does
    parser = argparse.ArgumentParser(prog="python -m tests.notebooks", description=__doc__, formatter_class=whole)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("map")
    commands.add_parser("address").add_argument("url", help="like https://github.com/owner/name")
    commands.add_parser("draw")
    for name in (*COMMANDS, "measure"):
        command = commands.add_parser(name)
        command.add_argument("notebooks", nargs="*", type=Path, help="all lessons, if none is named")
        if name == "measure":
            command.add_argument("--times", type=int, default=10, help="how many runs of the whole set")
            command.add_argument("--load", action="store_true", help="keep all cores busy meanwhile")
    return parser


def _check(paths: list[Path]) -> bool:
    good = [_report(path, check(path)) for path in paths]
    right, asked = bleak(map(read, paths))
    print(f"of {asked} predictions with a bleakest choice, it is the right one in {right}")
    return all(good)


def _refresh(paths: list[Path]) -> bool:
    good = [_refreshed(path) & _report(path, check(path)) for path in paths]
    return all(good)


def _refreshed(path: Path) -> bool:
    try:
        print(f"{path.name}: {'changed' if refresh(path) else 'unchanged'}")
    except (CellExecutionError, CellTimeoutError) as error:
        print(f"{path.name}: not refreshed\n{error}")
        return False
    return True


def _try_out(paths: list[Path], *, again: bool) -> bool:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(partial(try_out, again=again), paths)
        good = [_report(path, solve + more) for path, (solve, more) in zip(paths, found, strict=True)]
    return all(good)


def _report(path: Path, problems: Iterable[str]) -> bool:
    found = list(problems)
    print("\n".join([f"{path.name}: {len(found)} problems", *(f"  {problem}" for problem in found)]), flush=True)
    return not found


COMMANDS: dict[str, Callable[[list[Path]], bool]] = {
    "refresh": _refresh,
    "check": _check,
    "solve": partial(_try_out, again=False),
    "again": partial(_try_out, again=True),
}

if __name__ == "__main__":
    raise SystemExit(main())
