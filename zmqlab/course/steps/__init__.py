"""The broker of lesson 11 in its five steps, as programs for the shop, and what each changes in the one before.

The programs lie beside this file. They are read by learners and run in terminals, so they look like the cells of a
lesson: without types, and with lines that are seen whole beside the view.
"""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

from ...lab.lab import Lab
from ...trace import whole
from .. import earlier
from ..first_sign import wait_for

SHOP = Path("shop")
WORKER = "worker_full.py"
AROUND = 1
"""Lines shown before and after a change, which say where it is."""

GAP = "  …"
NOT_SHOWN = re.compile(r"^if len\(sys\.argv\).*?(?=^with )", re.MULTILINE | re.DOTALL)
"""How a program reads its arguments."""

_PRE = '<pre style="font-size: var(--jp-code-font-size, 13px); margin: 0">'  # as a cell's: a line is seen whole
_STYLES = {
    "-": ' style="background: rgba(248, 81, 73, 0.18)"',
    "+": ' style="background: rgba(46, 160, 67, 0.18)"',
}
"""Tints that are light on a dark page and dark on a light one: the sign tells the same without colours."""


class Change:
    """What one program changes in another, but for how it reads its arguments. A notebook shows it as a diff in
    colours, a terminal as text."""

    def __init__(self, old: str, new: str) -> None:
        """The two texts."""
        self.lines = list(_changed(_shown(old), _shown(new)))

    def __repr__(self) -> str:
        return "\n".join(self.lines)

    def _repr_html_(self) -> str:
        lines = (f"<span{_STYLES.get(line[:1], '')}>{html.escape(line)}</span>" for line in self.lines)
        return _PRE + "\n".join(lines) + "</pre>"


def change(old: str, new: str) -> Change:
    """Put `new` into the shop, and show what it changes in `old`: both are names of programs."""
    put(new)
    return Change(program(old), program(new))


def put(*names: str) -> None:
    """Write these programs into the shop. One that is there, letter for letter, is left alone: somebody may be
    starting it just now."""
    SHOP.mkdir(exist_ok=True)
    for name in names:
        path, text = SHOP / name, program(name)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            whole.write(path, text.encode())


def program(name: str) -> str:
    """The text of that program, of this lesson or of an earlier one. Raises LookupError where there is none."""
    path = Path(__file__).parent / name
    return path.read_text(encoding="utf-8") if path.exists() else earlier.program(name)


def hire(lab: Lab, name: str, service: str = "weld", credit: int = 1, takes: float = 0.0) -> None:
    """A worker as a process of the lab, which needs `takes` seconds for a task. Returns when its READY has reached the
    broker at ``lab.endpoint("work")``. Raises what `first_sign.wait_for` raises when it does not say so."""
    before, at = _ready(lab), lab.via(name, lab.endpoint("work"))
    lab.process(name, [sys.executable, f"{SHOP / WORKER}", at, name, service, str(credit), str(takes)])
    wait_for(lab, name, lambda: _ready(lab) > before)


def given(lab: Lab, name: str) -> int:
    """How many tasks have arrived at that worker: a token and a task each, where the broker says one word else."""
    messages, actor_of = lab.messages(), lab.trace.actor_of
    return sum(m.arrived is not None and actor_of(m.receiver) == name and len(m.frames or ()) == 2 for m in messages)


def close(lab: Lab) -> None:
    """Kill the processes of the lab, and close it: so none of them takes time for its leave."""
    lab.trace.update()
    for actor in list(lab.trace.actors.values()):
        if actor.kind == "process" and lab[actor.name].state in ("started", "hung"):
            lab[actor.name].crash()
    lab.close()


def _ready(lab: Lab) -> int:
    frames = [message.frames for message in lab.messages() if message.arrived]
    return sum(each is not None and each[0] == b"READY" for each in frames)


def _shown(text: str) -> list[str]:
    return NOT_SHOWN.sub("", text).splitlines()


def _changed(old: list[str], new: list[str]) -> Iterator[str]:
    """Changed lines with what stands around them; a gap stands for what is the same in both."""
    end = 0
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(AROUND):
        if group[0][1] > end:
            yield GAP
        for tag, first, end, new_first, new_end in group:
            if tag == "equal":
                yield from (f"  {line}" for line in old[first:end] if line)
            else:
                yield from (f"- {line}".rstrip() for line in old[first:end])
                yield from (f"+ {line}".rstrip() for line in new[new_first:new_end])
    if end < len(old):
        yield GAP
