"""``python -m zmqlab record``: the program does what it does alone, and leaves a page, however it ends."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import textwrap
import time
import zlib
from pathlib import Path

import psutil
import pytest

from tests.recorder.programs import texts
from tests.relay.support import until
from zmqlab import Trace
from zmqlab.recorder import line, outputs

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no signals there")

TOP = """
import os, signal, sys, threading, time, zmq

def pair():
    ctx = zmq.Context()
    pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
    return pull, push

pull, push = pair()  # at the top of the module
push.send(b"Task-0")
pull.recv()
"""
WAITS = "print('ready', flush=True)\ntime.sleep(60)\n"


def write(folder: Path, program: str, name: str = "prog.py") -> str:
    (folder / name).write_text(TOP + textwrap.dedent(program), encoding="utf-8")
    return name


def run(folder: Path, *words: str, record: bool = True, **more: object) -> subprocess.CompletedProcess[str]:
    """Run ``python …``, recorded or plain."""
    command = [sys.executable, *(("-m", "zmqlab", "record") if record else ()), *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, **more)  # type: ignore[call-overload]


def left(folder: Path) -> list[str]:
    """What lies there beside the program."""
    return sorted(path.name for path in folder.iterdir() if path.suffix not in (".py",) and path.name != "__pycache__")


def without_ours(errors: str) -> str:
    return "".join(line for line in errors.splitlines(keepends=True) if not line.startswith("zmqlab: "))


SHOWS = """
print(sys.argv, sys.path, __name__, __file__, __spec__, sorted(vars()), sys.meta_path, sys.flags, sys.warnoptions)
print({k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "ZMQLAB_RECORD", "_")})
print(os.getpid() == os.getpgrp(), len(threading.enumerate()), signal.getsignal(signal.SIGINT), sys.excepthook)
"""


def test_the_program_finds_all_as_it_is_alone(tmp_path: Path) -> None:
    name = write(tmp_path, SHOWS)
    plain = run(tmp_path, "-O", "-W", "ignore", name, "-o", "x", "-m", record=False)
    command = [sys.executable, "-O", "-W", "ignore", "-m", "zmqlab", "record", name, "-o", "x", "-m"]
    recorded = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    shown, alone = (re.sub(r"0x[0-9a-f]+", "0x…", done.stdout) for done in (recorded, plain))
    assert shown == alone
    assert recorded.stderr == plain.stderr + "zmqlab: run.html has 1 message\n"
    assert left(tmp_path) == ["run.html"]


def test_a_module_and_an_option_for_the_output(tmp_path: Path) -> None:
    write(tmp_path, "print(__name__, sys.argv[1:], __spec__.name)", "mine.py")
    done = run(tmp_path, "-o", "a.jsonl", "-o", "b.svg", "-m", "mine", "-o", "c.html")
    assert done.stdout == "__main__ ['-o', 'c.html'] mine\n"
    assert left(tmp_path) == ["a.jsonl", "b.svg"]
    assert list(Trace.load(tmp_path / "a.jsonl").actors) == ["mine"]


ENDS = {
    "by itself": ("", 0),
    "sys.exit": ("sys.exit(7)", 7),
    "an error": ("raise ValueError('of the program')", 1),
    "os._exit": ("os._exit(8)", 8),
    "SIGTERM": ("os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
    "SIGKILL": ("time.sleep(0.5); os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    "a crash": ("time.sleep(0.5); import ctypes; ctypes.string_at(0)", -signal.SIGSEGV),
    "at exit": ("import atexit; atexit.register(lambda: (push.send(b'last'), pull.recv()))", 0),
}


@pytest.mark.parametrize("how", ENDS)
def test_however_it_ends_the_page_is_there_and_the_status_its_own(how: str, tmp_path: Path) -> None:
    program, code = ENDS[how]
    if how == "SIGTERM":
        program = "time.sleep(0.5); " + program
    name = write(tmp_path, program)
    plain, recorded = run(tmp_path, name, record=False), run(tmp_path, "-o", "run.jsonl", name)
    assert (recorded.returncode, recorded.stdout) == (code, plain.stdout)
    assert plain.returncode == code
    assert without_ours(recorded.stderr) == plain.stderr
    assert left(tmp_path) == ["run.jsonl"]
    with contextlib.ExitStack() as stack:
        if code < 0:
            stack.enter_context(pytest.warns(UserWarning, match="was killed"))
        trace = Trace.load(tmp_path / "run.jsonl")
    assert texts(trace) == [b"Task-0", *([b"last"] if how == "at exit" else [])]
    assert all(message.left and message.arrived for message in trace.messages.values())
    (actor,) = trace.actors.values()
    state = "crashed" if code < 0 else "failed" if how == "an error" else "ended"
    assert (actor.state, actor.text if code < 0 else "") == (state, "its process was killed" if code < 0 else "")
    assert [wait for wait in trace.changes(0).waits if wait.end is None] == []
    assert [socket for socket in trace.sockets.values() if socket.closed is None] == []


def until_it_sleeps(pid: int) -> None:
    """It has said that it is ready a moment before: a traceback would name that line."""
    late = time.monotonic() + 10
    while psutil.Process(pid).status() != psutil.STATUS_SLEEPING and time.monotonic() < late:
        time.sleep(0.01)


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_signals_are_the_program_s(signal_number: signal.Signals, tmp_path: Path) -> None:
    """They go to the process that was started: it is the program's."""
    name, codes = write(tmp_path, WAITS), {}
    for words in ([name], ["-m", "zmqlab", "record", name]):
        process = subprocess.Popen(
            [sys.executable, *words], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        until_it_sleeps(process.pid)
        process.send_signal(signal_number)
        errors = process.communicate(timeout=30)[1]
        codes[len(words)] = process.returncode, without_ours(errors)
    assert codes[1] == codes[4]
    assert (tmp_path / "run.html").exists()  # who reads standard error to its end has waited for it


KIDS = """
import multiprocessing, subprocess

def work(port, n):
    ctx = zmq.Context()
    with ctx.socket(zmq.PUSH) as socket:
        socket.connect(port)
        socket.send(b"from %d" % n)
    ctx.term()

def start(port, how):
    if how == "os.fork":
        for n in range(2):
            if not os.fork():
                work(port, n)
                os._exit(0)
        for n in range(2):
            os.wait()
    elif how == "subprocess":
        for n in range(2):
            subprocess.run([sys.executable, "-c", f"import kids; kids.work({port!r}, {n})"], check=True)
    else:
        method = multiprocessing.get_context(how)
        processes = [method.Process(target=work, args=(port, n), name=f"worker {n}") for n in range(2)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()

if __name__ == "__main__":
    start(pull.LAST_ENDPOINT.decode(), sys.argv[1])
    for _ in range(2):
        pull.recv()
"""
NAMES = {
    "os.fork": ["kids", "kids 2", "kids 3"],
    "subprocess": ["kids", "program", "program 2"],
    "fork": ["kids", "worker 0", "worker 1"],
    "spawn": ["kids", "worker 0", "worker 1"],
}


@pytest.mark.parametrize("how", NAMES)
def test_children_are_followed(how: str, tmp_path: Path) -> None:
    name = write(tmp_path, KIDS, "kids.py")
    done = run(tmp_path, "-o", "run.jsonl", name, how)
    assert done.returncode == 0, done.stderr
    trace = Trace.load(tmp_path / "run.jsonl")
    assert sorted(trace.actors) == NAMES[how]
    sent = {m.frames[-1]: trace.actor_of(m.sender) for m in trace.messages.values() if m.frames}
    assert sorted({sent[b"from 0"], sent[b"from 1"]}) == NAMES[how][1:]
    assert all(m.received and m.left and m.certain for m in trace.messages.values())
    assert left(tmp_path) == ["run.jsonl"]


def test_a_process_that_goes_on_is_named_and_can_be_seen_later(tmp_path: Path) -> None:
    program = """
    if not os.fork():
        pull, push = pair()
        push.send(b"first"); pull.recv()
        print(os.getpid(), flush=True)
        os.close(1)
        sys.stderr.close(); os.close(2)
        time.sleep(60)
    time.sleep(0.5)
    """
    name = write(tmp_path, program)
    done = run(tmp_path, name)
    child = int(done.stdout)
    try:
        assert f"still running, and recorded on: prog (pid {child}); later, python -m zmqlab merge" in done.stderr
        folder = tmp_path / "run.recording"
        assert len(list(folder.iterdir())) >= 2
    finally:
        os.kill(child, signal.SIGKILL)
    done = subprocess.run(
        [sys.executable, "-m", "zmqlab", "merge", "run.recording", "-o", "all.jsonl"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with pytest.warns(UserWarning, match="was killed"):
        assert sorted(texts(Trace.load(tmp_path / "all.jsonl"))) == [b"Task-0", b"first"]


def test_another_sitecustomize_runs_as_well(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("import builtins\nbuiltins.customized = __file__\n")
    name = write(tmp_path, "print(customized, sys.modules['sitecustomize'].__file__, sys.path)")
    env = {**os.environ, "PYTHONPATH": str(folder)}
    plain, recorded = run(tmp_path, name, record=False, env=env), run(tmp_path, name, env=env)
    assert recorded.stdout == plain.stdout
    assert str(folder) in plain.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nothing.py"], "there is no file nothing.py; a module is recorded with -m"),
        (["-o", "x.doc", "prog.py"], "x.doc: a recording is written as .html"),
        (["-o", "no/x.html", "prog.py"], "there is no folder"),
        (["-m"], "-m wants to be told what to run"),
        ([], "record wants a program: python -m zmqlab record script.py, or -m module"),
        (["--last", "no", "prog.py"], "argument --last: invalid"),
        (["--max-size", "5X", "prog.py"], "a number of bytes such as 500M or 2G, not 5X"),
        (["--decode", "teas", "prog.py"], "--decode wants module:function, not 'teas'"),
        (["--decode", "teas:decode", "prog.py"], "--decode teas:decode: there is no module teas, neither in "),
        (["--decode", "prog:pair", "prog.py"], "prog is the program, and to import it could run it once more"),
        (["--decode", "prog:pair", "-m", "prog"], "prog is the program, and to import it could run it once more"),
    ],
)
def test_a_mistake_is_told_before_anything_runs(words: list[str], says: str, tmp_path: Path) -> None:
    write(tmp_path, "print('it ran')")
    done = run(tmp_path, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["prog.py", "-o", "mine.html"], True),
        (["-o", "run.html", "prog.py", "-o", "mine.html"], False),
        (["prog.py", "-o", "mine.txt"], False),
    ],
)
def test_an_output_behind_the_program_is_the_programs_and_that_is_said(
    words: list[str], said: bool, tmp_path: Path
) -> None:
    write(tmp_path, "print(sys.argv[-1])")
    done = run(tmp_path, *words)
    assert (done.returncode, done.stdout) == (0, words[-1] + "\n")
    note = "zmqlab: -o mine.html stands after the program, so the program gets it; the recording is run.html"
    assert (note in done.stderr.splitlines()) == said
    assert left(tmp_path) == ["run.html"]


def test_who_mistypes_a_command_is_told_all_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        line.main(["lern"])
    names = re.findall(r"'(\w+)'", capsys.readouterr().err.partition("choose from")[2])
    assert names == ["learn", "progress", "record", "merge", "summary"]


def test_a_program_without_sockets_leaves_nothing_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("print('hello')")
    done = run(tmp_path, "other.py")
    assert (done.returncode, done.stdout) == (0, "hello\n")
    assert done.stderr == "zmqlab: nothing was recorded: no process of the program has made a socket of pyzmq\n"
    assert left(tmp_path) == []


TEAS = """
print("imported", flush=True)

def decode(frames):
    return f"{int(frames[-1].removeprefix(b'Task-')) + 1} teas"

class Shop:
    decode = staticmethod(decode)

def is_wrong(frames):
    return int(frames[-1])
"""


def decoded(page: Path) -> list[str | None]:
    """What the page says is in its messages."""
    (recording,) = re.findall(r'id="zmqlab-recording">(.*?)</script>', page.read_text(encoding="utf-8"))
    batch = json.loads(zlib.decompress(base64.b64decode(json.loads(recording)["deflated"])))
    fields = batch["messages"]["fields"]["decoded"]
    return fields if isinstance(fields, list) else [fields] * batch["messages"]["rows"]


def test_the_frames_are_read_by_a_function_of_the_person_s_own_when_the_program_has_ended(tmp_path: Path) -> None:
    """It is found beside the program, wherever that was started, and imported by the scribe alone."""
    folder = tmp_path / "shop"
    folder.mkdir()
    name = write(folder, "print('teas' in sys.modules)")
    (folder / "teas.py").write_text(TEAS)
    done = run(tmp_path, "-o", "run.html", "-o", "run.jsonl", "--decode", "teas:Shop.decode", f"shop/{name}")
    assert (done.returncode, done.stdout) == (0, "False\n"), done.stderr
    assert decoded(tmp_path / "run.html") == ["1 teas"]
    command = [sys.executable, "-m", "zmqlab", "merge", "../run.jsonl", "-o", "again.html", "--decode", "teas:decode"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
    assert decoded(folder / "again.html") == ["1 teas"]


@pytest.mark.parametrize(
    ("function", "source", "says", "shown"),
    [
        ("is_wrong", TEAS, "decode: ValueError: invalid literal for int", "decode failed: ValueError: invalid literal"),
        ("gone", TEAS, "--decode teas:gone cannot be used: AttributeError: ", None),
        ("decode", "import sys; sys.exit(3)", "--decode teas:decode cannot be used: SystemExit: 3", None),
        ("decode", "decode = 7", "--decode teas:decode cannot be used: TypeError: it is no function, but 7", None),
    ],
)
def test_no_page_is_lost_by_a_function_that_cannot_read_it(
    function: str, source: str, says: str, shown: str | None, tmp_path: Path
) -> None:
    name = write(tmp_path, "")
    (tmp_path / "teas.py").write_text(source)
    done = run(tmp_path, "--decode", f"teas:{function}", name)
    assert done.returncode == 0
    assert f"zmqlab: {says}" in done.stderr
    (text,) = decoded(tmp_path / "run.html")
    assert (text or "").startswith(shown or "")
    assert (text is None) == (shown is None)


def test_a_recording_knows_its_process(tmp_path: Path) -> None:
    name = write(tmp_path, "print(os.getpid())")
    pid = int(run(tmp_path, "-o", "run.jsonl", name, "--port", "1").stdout)
    header = json.loads((tmp_path / "run.jsonl").read_text().splitlines()[0])
    (source,) = [each for each in header["sources"] if each["name"]]
    assert (source["pid"], source["argv"], source["name"]) == (pid, ["prog.py", "--port", "1"], "prog")
    assert set(source["versions"]) == {"python", "pyzmq", "libzmq", "zmqlab"}
    assert source["host"]
    assert source["wall"] > source["monotonic"] > 0


def test_what_is_not_whole_is_read_up_to_there(tmp_path: Path) -> None:
    """A killed run leaves its folder when the scribe is killed as well; the last block may be torn."""
    name = write(tmp_path, "for n in range(300):\n    push.send(b'%d' % n); pull.recv(); time.sleep(0.002)\n" + WAITS)
    process = subprocess.Popen(
        [sys.executable, "-m", "zmqlab", "record", name], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    process.kill()
    process.wait()
    until(lambda: (tmp_path / "run.html").exists(), "the scribe has written the page")
    process.stdout.close()


NO_ROOM = """
import resource, sys
from pathlib import Path
from zmqlab import Trace
from zmqlab.recorder import outputs

trace = Trace.load("run.jsonl")
resource.setrlimit(resource.RLIMIT_FSIZE, (16, resource.RLIM_INFINITY))  # bytes of any file
for end in outputs.OUTPUTS:
    for name in ("new", "old"):
        try:
            outputs.write(trace, Path("out") / (name + end), "run")
        except OSError as error:
            print(name + end, error.strerror)
"""


def test_a_full_disk_leaves_no_half_of_a_page_and_what_was_there_is_there_still(tmp_path: Path) -> None:
    import resource

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))  # the page alone takes more

    name = write(tmp_path, "")
    done = run(tmp_path, name, preexec_fn=little_room)
    assert "could not be written: " in done.stderr
    assert left(tmp_path) == ["run.recording"]
    done = run(tmp_path, "-o", "run.jsonl", name)
    (tmp_path / "out").mkdir()
    old = [tmp_path / "out" / f"old{end}" for end in outputs.OUTPUTS]
    for path in old:
        path.write_text("before")
    done = run(tmp_path, "-c", NO_ROOM, record=False)
    told = [f"{name}{end} File too large" for end in outputs.OUTPUTS for name in ("new", "old")]
    assert done.stdout.splitlines() == told, done.stderr
    assert {path: path.read_text() for path in (tmp_path / "out").iterdir()} == dict.fromkeys(old, "before")


ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("page", ["README.md", "docs/recording.md", "docs/CHANGELOG.md"])
def test_the_commands_of_the_documents_are_commands(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    found = [shlex.split(re.split(r"`|\s#\s", line)[0]) for line in re.findall(r"python -m zmqlab (\w.*)", text)]
    assert len(found) > 1
    for command, *words in (words for words in found if len(words) > 1):  # a name alone is a name
        own, program = line.split(words) if command == "record" else (words, [])
        assert line.parser().parse_args([command, *own])
        assert bool(program) == (command == "record")


def test_a_scribe_that_was_killed_holds_up_nobody(tmp_path: Path) -> None:
    """What was recorded is left, and can be read."""
    program = "import json; os.kill(json.loads(os.environ['ZMQLAB_RECORD'])['scribe'], signal.SIGKILL)"
    done = run(tmp_path, write(tmp_path, program))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert left(tmp_path) == ["run.recording"]
    command = [sys.executable, "-m", "zmqlab", "merge", "run.recording"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.stderr == "zmqlab: run.html has 1 message\n"
