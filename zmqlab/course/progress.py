"""`progress()`: which exercises are solved, how the predictions went, and what is still known of earlier lessons."""

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
    print(_recalled(known["recalled"]))
    print(f"Kept in {progress_file.path()}; progress(reset=True) forgets it.")


def _recalled(times: dict[str, int]) -> str:
    """How many questions were answered, and how many of them come again first: no mark for anybody."""
    if not times:
        return "recall: no question answered yet"
    answered = "1 question" if len(times) == 1 else f"{len(times)} questions"
    again = sum(not right for right in times.values())
    return f"recall: {answered} answered, {again or 'none'} of them to be asked again soon"
