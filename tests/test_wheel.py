"""The wheel has what it needs and nothing else; installed without extras, the package works, or says why not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import zmqlab

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]

RECORDED = """
import sys, zmq, zmqlab
with zmqlab.record(sys.argv[1]) as run:
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
        push.send(b"bare")
        pull.recv()
(message,) = run.messages()
assert message.received and message.arrived, message
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)])
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel and pyzmq. pip asks no index, so the wheel needs no more."""
    folder = tmp_path_factory.mktemp("bare")
    builder = venv.EnvBuilder()
    builder.create(folder)
    python = Path(builder.ensure_directories(folder).env_exe)
    there = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder)}))
    pyzmq = metadata.distribution("pyzmq")
    for name in {file.parts[0] for file in pyzmq.files or []} - {".."}:
        shutil.copytree(Path(str(pyzmq.locate_file(name))), there / name)
    run([sys.executable, "-m", "pip", "--python", str(python), "install", "--no-index", str(wheel)])
    return python


def run(command: list[str]) -> str:
    """What it printed; it must end well."""
    done = subprocess.run(command, cwd=Path(sys.prefix), capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_carries_the_picture_and_the_licence(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {"zmqlab/view/static/flow.js", "zmqlab/view/static/flow.css", "zmqlab/py.typed"} <= set(names)
    assert "zmqlab/majordomo/PROTOCOL.md" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    packaged = {name.split("/")[0] for name in names}
    version = zmqlab.__version__
    assert packaged == {"zmqlab", f"zmqlab-{version}.dist-info", f"zmqlab-{version}.data"}
    extension = f"zmqlab-{version}.data/data/share/jupyter/labextensions/zmqlab/"
    shared = [name for name in names if ".data/" in name]
    lessons = f"zmqlab-{version}.data/data/share/zmqlab/"
    assert [name for name in shared if not name.startswith(lessons)] == [
        f"{extension}beside.js",
        f"{extension}package.json",
    ]
    assert {f"{lessons}README.md", f"{lessons}notebooks/00-start-here.ipynb"} <= set(shared)
    assert "zmqlab/course/settings/overrides.json" in names
    described = json.loads((ROOT / "zmqlab" / "view" / "labextension" / "package.json").read_text(encoding="utf-8"))
    assert described["version"] == version
    assert not [name for name in names if "node_modules" in name]


def test_without_extras_only_pyzmq_is_installed_beside_it(bare: Path) -> None:
    listed = run([str(bare), "-c", "from importlib import metadata as m; print(*{d.name for d in m.distributions()})"])
    assert set(listed.split()) == {"pyzmq", "zmqlab"}


def test_the_broker_works_without_extras(bare: Path) -> None:
    assert "broker" in run([str(bare), "-m", "zmqlab.majordomo", "--help"])
    run([str(bare), "-c", "from zmqlab.majordomo import AsyncClient, Broker, Client, Worker"])


def test_a_program_is_recorded_without_extras(bare: Path, tmp_path: Path) -> None:
    page = tmp_path / "run.html"
    run([str(bare), "-c", RECORDED, str(page)])
    assert page.stat().st_size > 100_000


@pytest.mark.parametrize("name", sorted(zmqlab.__all__))
def test_what_needs_an_extra_says_which(bare: Path, name: str) -> None:
    code = f"import zmqlab\ntry: zmqlab.{name}\nexcept ModuleNotFoundError as error: print(error)"
    told = run([str(bare), "-c", code])
    assert not told or [extra for extra in EXTRAS if f'pip install "zmqlab[{extra}]"' in told], told


@pytest.mark.parametrize(
    ("code", "module", "extra"),
    [
        ("from zmqlab import Lab", "psutil", "lab"),
        ("from zmqlab import check", "psutil", "course"),
        ("from zmqlab import predict", "jupyter_core", "course"),
        ("from zmqlab import Trace; from zmqlab.trace.log import Log; from zmqlab.view import view; view(Trace(Log()))",
         "anywidget", "lab"),
    ],
)  # fmt: skip
def test_the_cause_and_the_cure_are_named(bare: Path, code: str, module: str, extra: str) -> None:
    done = subprocess.run([bare, "-c", code], cwd=bare.parent, capture_output=True, text=True, timeout=60)
    cure = f'python -m pip install "zmqlab[{extra}]"'
    words = f"ModuleNotFoundError: this needs {module}, which is not installed: {cure}"
    assert done.stderr.splitlines()[-1] == words


PROGRAM = """
import zmq
ctx = zmq.Context()
pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
push.send(b"seen")
print(pull.recv())
"""


def test_from_the_installation_to_the_picture_it_is_one_command(bare: Path, tmp_path: Path) -> None:
    """`bare` is the installation."""
    (tmp_path / "server.py").write_text(PROGRAM, encoding="utf-8")
    done = subprocess.run(
        [bare, "-m", "zmqlab", "record", "server.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "b'seen'\n")
    assert done.stderr == "zmqlab: run.html has 1 message\n"
    assert "</html>" in (tmp_path / "run.html").read_text(encoding="utf-8")
