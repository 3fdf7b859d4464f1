"""`progress()`: which exercises are solved, and how the predictions went."""

from __future__ import annotations

from . import exercises, progress_file


def progress(*, reset: bool = False) -> None:
    """Print what is solved and what is open. With ``reset=True`` forget it all first."""
    if reset:
        progress_file.forget()
    known = progress_file.read()
    for key in exercises.KEYS:
        day = known["solved"].get(key)
        print(f"{'solved' if day else 'open':8}{key}  {exercises.load(key).title}{f'  ({day})' if day else ''}")
    right, given = sum(map(bool, known["predictions"].values())), len(known["predictions"])
    print(f"predictions: {right} of {given} right" if given else "predictions: none locked yet")
    print(f"Kept in {progress_file.path()}; progress(reset=True) forgets it.")
