"""pyzmq's own tests, of the version that is installed, give the same outcomes on traced sockets, and recorded, as on
plain ones."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shlex
import subprocess
import sys
import tarfile
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import pytest_asyncio  # noqa: F401  (pyzmq's own tests need it)

from zmqlab import Trace

VERSION = importlib.metadata.version("pyzmq")
ROOT = Path(__file__).parents[2]
PLUGIN = Path(__file__).parent / "pyzmq_own"

EXCLUDED = {
    "tests/test_retry_eintr.py::TestEINTRSysCall::test_retry_poll": (
        "sends in one thread on a socket made in another; traced sockets refuse that, on purpose"
    ),
    "tests/test_log.py::TestPubLog::test_blank_root_topic": (
        "publishes without waiting for its subscriptions, so it fails on plain sockets too, now and then, "
        "and the other tests of its module with it"
    ),
    "tests/test_socket.py::TestSocket::test_large_send": "sends 3 GiB; takes as much memory and a minute",
    "tests/test_message.py::TestFrame::test_above_30": "counts references to frames, uses no socket, takes 2 s",
    "tests/test_message.py::TestFrame::test_lifecycle1": "counts references to frames, uses no socket, takes 2 s",
    "tests/test_message.py::TestFrame::test_lifecycle2": "counts references to frames, uses no socket, takes 2 s",
}

RECORD = {"recorded": ["--no-links"], "recorded with links": []}
THE_RELAY_S = "tests/test_monitor.py::test_monitor[{0}] tests/test_monitor.py::test_monitor_connected[{0}]"
DIFFER = {"recorded with links": {test for kind in ("zmq", "asyncio") for test in THE_RELAY_S.format(kind).split()}}
"""A socket monitor shows the relay's endpoint in the place of the peer's: docs/recording.md says so."""


class Run:
    """pyzmq's own tests in a process of their own: "plain", "traced", or as one of `RECORD`."""

    def __init__(self, where: Path, how: str, only: Iterable[str] = ()) -> None:
        self.result_file = where / f"outcomes-{how}.json"
        self.result_file.unlink(missing_ok=True)
        paths = os.pathsep.join([str(ROOT), str(PLUGIN)])
        env = os.environ | {"PYTHONPATH": paths, "OWN_OUTCOMES": str(self.result_file)}
        env |= {"OWN_TRACED": "1" if how == "traced" else "0", "PYTHONDONTWRITEBYTECODE": "1"}
        record = ["-m", "zmqlab", "record", "-o", recording(how), *RECORD[how]] if how in RECORD else []
        command = [sys.executable, *record, "-m", "pytest", "-q", "-p", "own_plugin", "-p", "no:cacheprovider"]
        command += [f"--deselect={name}" for name in EXCLUDED]
        self.process = subprocess.Popen(
            [*command, *(only or ["tests"])],
            cwd=where,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @cached_property
    def result(self) -> dict[str, Any]:
        try:
            output, _ = self.process.communicate(timeout=200)
        except subprocess.TimeoutExpired:
            self.process.kill()
            pytest.fail(f"pyzmq's own tests hang:\n{self.process.communicate()[0][-5000:]}")
        assert self.result_file.exists(), output[-5000:]
        result: dict[str, Any] = json.loads(self.result_file.read_text())
        result["output"] = output
        return result


def recording(how: str) -> str:
    return f"{how}.jsonl"


@pytest.fixture(scope="session")
def own_tests(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with pyzmq's tests, and without its sources: the installed pyzmq is what is tested.

    The source distribution is fetched once and kept in pytest's cache, or in the directory that PYZMQ_SDIST names.
    Without either (`-p no:cacheprovider`) it is fetched for this run.
    """
    cache = getattr(pytestconfig, "cache", None)
    kept = cache.mkdir("pyzmq-sdist") if cache else tmp_path_factory.mktemp("pyzmq-sdist")
    kept = Path(os.environ.get("PYZMQ_SDIST") or kept)
    sdist = kept / f"pyzmq-{VERSION}.tar.gz"
    if not sdist.exists():
        fetch = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", "pyzmq"]
        fetch += [f"pyzmq=={VERSION}", "--dest", str(kept)]
        done = subprocess.run(fetch, capture_output=True, text=True, timeout=240)
        if not sdist.exists():
            pytest.fail(f"pyzmq's tests are not here; this command fetches them:\n{shlex.join(fetch)}\n{done.stderr}")
    where = tmp_path_factory.mktemp("pyzmq-own")
    with tarfile.open(sdist) as archive:
        for member in archive.getmembers():
            name = PurePosixPath(*PurePosixPath(member.name).parts[1:])
            content = archive.extractfile(member)  # none for what is no file
            if content and name.parts[0] in ("pytest.ini", "tests") and ".." not in name.parts:
                (where / name).parent.mkdir(parents=True, exist_ok=True)
                (where / name).write_bytes(content.read())
    return where


@pytest.fixture(scope="session")
def plain(own_tests: Path) -> Run:
    """It runs beside the first of the others."""
    return Run(own_tests, "plain")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("how", ["traced", *RECORD])
def test_same_outcomes(own_tests: Path, plain: Run, how: str) -> None:
    for name, reason in EXCLUDED.items():
        print(f"not run: {name}: {reason}")
    alone, run = plain, Run(own_tests, how)
    found, expected = differing(alone, run), DIFFER.get(how, set())
    print(f"{len(alone.result['outcomes'])} tests in each run, {len(found)} differ")
    assert list(alone.result["outcomes"].values()).count("passed") > 300, alone.result["output"][-5000:]
    assert expected <= found, "the documents say that these fail"
    if how in RECORD:
        with pytest.warns(UserWarning, match="1 socket of zmq.asyncio was not recorded"):
            trace = Trace.load(own_tests / recording(how))
        assert len(trace.messages) > 300, "the recording has hardly seen them"
    else:
        assert run.result["events"]["send"] > 300, "the tests have hardly used traced sockets"
        assert run.result["events"]["recv"] > 300
        assert "WrongThread" not in run.result["output"]

    if unexpected := sorted(found - expected):  # some depend on the machine's load: again, without anything beside it
        alone = Run(own_tests, "plain", unexpected)
        assert alone.result
        run = Run(own_tests, how, unexpected)
        still = {name: run.result["failures"].get(name, "passed or skipped") for name in differing(alone, run)}
        assert not still, "\n\n".join(f"{name}\n{text}" for name, text in still.items())


def differing(one: Run, other: Run) -> set[str]:
    """The tests whose outcomes are not the same."""
    outcomes, others = one.result["outcomes"], other.result["outcomes"]
    return {name for name in outcomes.keys() | others.keys() if outcomes.get(name) != others.get(name)}
