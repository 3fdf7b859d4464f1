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
import tempfile
from collections.abc import Iterable, Sequence, Set
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

MONITOR = "tests/test_monitor.py"
DIFFER = {
    f"{MONITOR}::{name}[{kind}]" for name in ("test_monitor", "test_monitor_connected") for kind in ("zmq", "asyncio")
}
"""With links a socket monitor shows the relay's endpoint in the place of the peer's: docs/recording.md says so."""


class Run:
    """pyzmq's own tests, or `only` some, in a process of their own: plain, `traced`, or recorded with arguments."""

    def __init__(
        self, where: Path, *, traced: bool = False, record: Sequence[str] | None = None, only: Iterable[str] = ()
    ) -> None:
        handle, name = tempfile.mkstemp(suffix=".json", dir=where)
        os.close(handle)
        self.result_file, self.recording = Path(name), Path(name).with_suffix(".jsonl")
        paths = os.pathsep.join([str(ROOT), str(PLUGIN)])
        env = os.environ | {"PYTHONPATH": paths, "OWN_OUTCOMES": name, "PYTHONDONTWRITEBYTECODE": "1"}
        env["OWN_TRACED"] = "1" if traced else "0"
        env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # ours make it compute more than twice as long
        recorder = [] if record is None else ["-m", "zmqlab", "record", "-o", str(self.recording), *record]
        command = [sys.executable, *recorder, "-m", "pytest", "-q", "-p", "own_plugin", "-p", "no:cacheprovider"]
        command += ["-p", "pytest_asyncio.plugin"]
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
        assert self.result_file.stat().st_size, output[-5000:]
        result: dict[str, Any] = json.loads(self.result_file.read_text())
        result["output"] = output
        return result


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
    return Run(own_tests)


@pytest.mark.timeout(600)
def test_same_outcomes_traced(own_tests: Path, plain: Run) -> None:
    traced = Run(own_tests, traced=True)
    assert_same(own_tests, plain, traced, traced=True)
    assert list(plain.result["outcomes"].values()).count("passed") > 300, plain.result["output"][-5000:]
    assert traced.result["events"]["send"] > 300, "the tests have hardly used traced sockets"
    assert traced.result["events"]["recv"] > 300
    assert "WrongThread" not in traced.result["output"]


@pytest.mark.timeout(600)
def test_same_outcomes_recorded(own_tests: Path, plain: Run) -> None:
    """With links, which does all that is done without them, and more. What differs then does not differ without."""
    linked = Run(own_tests, record=[])
    assert_same(own_tests, plain, linked, DIFFER, record=[])
    if passed := DIFFER - differing(plain, linked):  # on a busy machine one may: again, without anything beside it
        passed -= differing(plain, Run(own_tests, record=[], only=sorted(passed)))
    assert not passed, "the documents say that these fail"
    assert not differing(plain, Run(own_tests, record=["--no-links"], only=[MONITOR]), MONITOR)
    with pytest.warns(UserWarning, match="1 socket of zmq.asyncio was not recorded"):
        trace = Trace.load(linked.recording)
    assert len(trace.messages) > 300, "the recording has hardly seen them"


def assert_same(where: Path, plain: Run, run: Run, but: Set[str] = frozenset(), **how: Any) -> None:
    """Some depend on the machine's load: what differs is run again `how` it was, without anything beside it."""
    for name, reason in EXCLUDED.items():
        print(f"not run: {name}: {reason}")
    found = sorted(differing(plain, run) - but)
    print(f"{len(plain.result['outcomes'])} tests in each run, {len(found)} differ")
    if found:
        alone = Run(where, only=found)
        assert alone.result
        again = Run(where, only=found, **how)
        still = {name: again.result["failures"].get(name, "passed or skipped") for name in differing(alone, again)}
        assert not still, "\n\n".join(f"{name}\n{text}" for name, text in still.items())


def differing(one: Run, other: Run, module: str = "") -> set[str]:
    """The tests whose outcomes are not the same, of that module or of all."""
    outcomes, others = one.result["outcomes"], other.result["outcomes"]
    names = {name for name in outcomes.keys() | others.keys() if name.startswith(module)}
    return {name for name in names if outcomes.get(name) != others.get(name)}
