"""What a cell shows of a check and of a hint is printed by a plain script, and once only elsewhere."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
from zmqlab import check, hint, solution

def counting_server(ctx, endpoint):
    raise NotImplementedError

{lines}
"""
WAYS = {
    "check": ('check("01-a", counting_server)', "01-a  a server that knows its clients apart"),
    "hint": ('hint("01-a")', "Hint 1 of 3"),
    "solution": ('solution("01-a")', "Why: "),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_script_prints_what_a_cell_shows(way: str) -> None:
    line, words = WAYS[way]
    assert _ran("-c", SCRIPT.format(lines=line)).count(words) == 1


@pytest.mark.parametrize("way", WAYS)
def test_pythons_own_prompt_shows_it_once(way: str) -> None:
    line, words = WAYS[way]
    assert _ran("-i", "-q", given=SCRIPT.format(lines=line)).count(words) == 1


@pytest.mark.parametrize("way", WAYS)
def test_ipython_shows_it_once(way: str) -> None:
    line, words = WAYS[way]
    assert _ran("-m", "IPython", "--no-banner", "-c", SCRIPT.format(lines=line)).count(words) == 1


def _ran(*words: str, given: str = "") -> str:
    ran = subprocess.run([sys.executable, *words], input=given, capture_output=True, text=True, timeout=60, check=False)
    return ran.stdout
