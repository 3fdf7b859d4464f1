"""``python -m zmqlab progress FOLDER…``: the progress of a class, out of the files that its learners have."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from textwrap import shorten

from . import exercises, progress_file
from .progress import progress

Known = progress_file.Known
LARGEST = 1 << 20  # bytes: the file of who has answered everything has a hundredth of that
MISSED = 5  # questions
WIDTH = 88  # characters of a question


def main(arguments: Sequence[str]) -> int:
    """Print the table of those files, or the own progress where none is named; the exit status."""
    paths = _parser().parse_args(arguments).paths
    if not paths:
        progress()
        return 0
    learners, left_out = read(found(paths))
    for line in left_out:
        print(f"left out: {line}", file=sys.stderr)
    if not learners:
        print(
            f"zmqlab: no progress is kept there: name files, or folders that have files {progress_file.NAME} below",
            file=sys.stderr,
        )
        return 2
    print("\n".join(table(learners)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m zmqlab progress", description="Say what is solved and predicted: by you, or by a class."
    )
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="FILE or FOLDER",
        help=f"of a class: the files that were handed in, or a folder that has {progress_file.NAME} anywhere below",
    )
    return parser


def found(paths: Sequence[Path]) -> list[Path]:
    """The files, and those in the folders: all .json of a folder itself, and below it what has the name."""
    files: dict[Path, None] = {}
    for path in paths:
        files |= dict.fromkeys(_below(path) if path.is_dir() else [path])
    return list(files)


def _below(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.glob("*.json"))
    for where, folders, names in os.walk(folder):  # follows no link, and passes by what may not be read
        folders.sort()
        if progress_file.NAME in names:
            yield Path(where, progress_file.NAME)


def read(files: Sequence[Path]) -> tuple[dict[str, Known], list[str]]:
    """By learner, and why the others are left out: nobody's file may keep those of the others from being read."""
    good, left_out = {}, []
    for path in files:
        try:
            good[path] = _one(path)
        except (OSError, ValueError) as error:
            left_out.append(f"{plain(str(path))}: {getattr(error, 'strerror', None) or error}")
    return dict(zip(called(list(good)), good.values(), strict=True)), left_out


def _one(path: Path) -> Known:
    """Raises OSError, ValueError."""
    if path.exists() and not path.is_file():  # a pipe would let us wait
        raise ValueError("this is no file")
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"this has more than {LARGEST >> 20} MiB")
    return progress_file.parse(data)


def called(files: Sequence[Path]) -> list[str]:
    """The learners: `alice` of alice.json, and of ``/home/alice/.local/share/jupyter/zmqlab-progress.json`` what this
    path has and the others have not; the whole path where that would be somebody else's name too."""
    homes = [path for path in files if path.name == progress_file.NAME]
    names = dict(zip(homes, _apart(homes), strict=True))
    names = {path: plain(names.get(path, path.stem)) for path in files}
    once = Counter(names.values())
    return [name if once[name] == 1 else plain(str(path)) for path, name in names.items()]


def _apart(files: Sequence[Path]) -> list[str]:
    """Each path without what all begin with, and without what all end with."""
    split = [path.absolute().parts for path in files]
    if len(split) < 2:
        return [str(path.absolute()) for path in files]
    first = _same(split)
    last = _same([parts[first:][::-1] for parts in split])
    return ["/".join(parts[first : len(parts) - last]) for parts in split]


def _same(rows: Sequence[Sequence[str]]) -> int:
    """With how many parts all of them begin."""
    columns = zip(*rows, strict=False)
    return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))


def table(learners: Mapping[str, Known]) -> Iterator[str]:
    """A line for each learner, each exercise, and the predictions that were missed most often."""
    width = max(len("learner"), *map(len, learners))
    yield f"{'learner':{width}}  solved    predictions right  recall: to be asked again"
    for name in sorted(learners):
        yield f"{name:{width}}  {_line(learners[name])}"
    yield "\nexercise  solved by"
    for key in exercises.KEYS:
        by = sum(key in known["solved"] for known in learners.values())
        yield f"{key:8}  {by:2} of {len(learners)}  {exercises.load(key).title}"
    missed = list(_missed(learners.values()))
    if missed:
        yield "\nmissed by  prediction"
        yield from missed


def _line(known: Known) -> str:
    solved = f"{len(known['solved'].keys() & set(exercises.KEYS))} of {len(exercises.KEYS)}"
    right, given = sum(known["predictions"].values()), len(known["predictions"])
    again = sum(not times for times in known["recalled"].values())
    return f"{solved:8}  {f'{right} of {given}':17}  {again} of {len(known['recalled'])}"


def _missed(known: Iterable[Known]) -> Iterator[str]:
    given, missed = Counter[str](), Counter[str]()
    for one in known:
        given.update(list(one["predictions"]))
        missed.update(question for question, right in one["predictions"].items() if not right)
    for question, times in sorted(missed.items(), key=lambda item: (-item[1], item[0]))[:MISSED]:
        yield f"{f'{times} of {given[question]}':9}  {shorten(plain(question), WIDTH, placeholder=' …')}"


def plain(text: str) -> str:
    """Nothing that a terminal would obey: a learner may have written it."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
