"""What docs/teaching.md tells an instructor to write is one block of Python that names what is there."""

from __future__ import annotations

import os
from types import SimpleNamespace

import psutil

from tests.classroom.hub import PAGE, recipe
from tests.classroom.memory import size
from tests.notebooks.address import home
from zmqlab.course import learn


def test_the_recipe_runs_and_starts_the_course_with_an_option_that_it_has() -> None:
    c = SimpleNamespace(JupyterHub=SimpleNamespace(), Authenticator=SimpleNamespace(), Spawner=SimpleNamespace())
    exec(recipe(), {"get_config": lambda: c})
    module, command, *options = c.Spawner.cmd[2:]
    assert (module, command) == ("zmqlab", "learn")
    assert learn._parser().parse_args(options).hub


def test_the_link_for_nbgitpuller_has_our_address_and_leads_to_a_lesson() -> None:
    (link,) = (line for line in PAGE.read_text(encoding="utf-8").splitlines() if "git-pull?" in line)
    assert f"repo={home()}&" in link
    assert link.endswith(f"targetpath=lessons&urlpath=lab/tree/lessons/{learn.FIRST.as_posix()}")


def test_the_size_of_a_process_is_not_nothing() -> None:
    assert (
        1e6
        < size(os.getpid())
        <= 1.1
        * sum(process.memory_info().rss for process in (psutil.Process(), *psutil.Process().children(recursive=True)))
    )
