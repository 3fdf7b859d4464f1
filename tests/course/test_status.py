"""The numbers of a broker are waited for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from zmqlab.course import status as module
from zmqlab.course.status import status


class Client:
    """Says one thing after another, and the last one again and again."""

    def __init__(self, *workers: int) -> None:
        self.answers = [{"retried": 1, "services": {"job": {"workers": count}}} for count in workers]

    def call(self, service: str) -> list[bytes]:
        assert service == "mmi.status"
        told = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [json.dumps(told).encode()]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0)


def ask(client: Any, service: str = "job", **wanted: object) -> dict[str, Any]:
    return status(client, service, **wanted)


def test_it_asks_until_the_numbers_are_there() -> None:
    told = ask(Client(0, 1, 2), workers=2, retried=1)
    assert (told["workers"], told["retried"]) == (2, 1)


def test_it_takes_what_is_said_first_when_nothing_is_wanted() -> None:
    assert ask(Client(0, 1))["workers"] == 0


def test_a_service_that_is_not_there_has_no_numbers() -> None:
    assert "workers" not in ask(Client(1), "other")


def test_it_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 0.0)
    with pytest.raises(TimeoutError, match="workers"):
        ask(Client(1), workers=2)
