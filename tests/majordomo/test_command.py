"""``python -m zmqlab.majordomo``, in real processes."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading

import pytest
import zmq

from tests.majordomo.processes import ROOT, cleanup, end, run, start, start_broker, start_worker
from tests.majordomo.support import DEADLINE, PATIENT, serving, status_of, until, working
from zmqlab.majordomo import Client
from zmqlab.majordomo import __main__ as command

unix = pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM cannot be caught on Windows")


@unix
def test_broker_worker_call_and_status():
    with cleanup() as processes:
        broker, endpoint = start_broker()
        processes.append(broker)
        processes.append(start_worker(endpoint, "echo", "tests.majordomo.handlers:echo"))
        processes.append(start_worker(endpoint, "fails", "tests.majordomo.handlers:fails"))
        done = run("call", "--endpoint", endpoint, "echo", "one", "two")
        assert (done.stdout, done.stderr, done.returncode) == ("one\ntwo\n", "", 0)
        done = run("call", "--endpoint", endpoint, "fails", "x")
        assert (done.stdout, done.returncode) == ("", 1)
        assert done.stderr == "HandlerFailed: fails: ValueError: no\n"
        told = json.loads(run("status", "--endpoint", endpoint).stdout)
        assert told["services"]["echo"]["workers"] == 1
        assert told["answered"] == 1
        assert [end(process) for process in reversed(processes)] == [0, 0, 0]


@unix
def test_sigterm_lets_the_broker_finish_what_it_has():
    with cleanup() as processes:
        broker, endpoint = start_broker()
        worker = start_worker(endpoint, "slow", "tests.majordomo.handlers:slow")
        processes += [broker, worker]
        with Client(endpoint) as client:
            assert client.call("slow", b"0") == [b"done"]
            future = client.submit("slow", b"1")
            while status_of(client)["services"]["slow"]["busy"] == 0:
                pass
            broker.send_signal(signal.SIGTERM)
            assert future.result(DEADLINE) == [b"done"]
            assert broker.wait(DEADLINE) == 0


def test_a_wide_endpoint_without_curve_is_warned_of():
    with cleanup() as processes:
        broker = start("broker", "--endpoint=tcp://0.0.0.0:0", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        processes.append(broker)
        assert broker.stderr
        assert "can be reached from other hosts" in broker.stderr.readline()
        broker.stderr.close()


@pytest.mark.parametrize(
    ("endpoint", "wide"),
    [
        ("tcp://127.0.0.1:5555", False),
        ("tcp://127.1.2.3:0", False),
        ("tcp://localhost:5555", False),
        ("tcp://[::1]:5555", False),
        ("ipc:///tmp/x", False),
        ("tcp://*:5555", True),
        ("tcp://0.0.0.0:5555", True),
        ("tcp://[::]:5555", True),
        ("tcp://eth0:5555", True),
        ("tcp://10.0.0.1:5555", True),
    ],
)
def test_what_is_wide(endpoint, wide):
    assert command.is_wide(endpoint) is wide


def test_keygen_and_curve(tmp_path):
    for name in ("broker", "peer"):
        done = run("keygen", name, "--folder", str(tmp_path))
        assert done.stdout.split() == [str(tmp_path / f"{name}.key"), str(tmp_path / f"{name}.key_secret")]
    with cleanup() as processes:
        broker, endpoint = start_broker(f"--curve={tmp_path / 'broker.key_secret'}", f"--trust={tmp_path / 'peer.key'}")
        processes.append(broker)
        keys = [f"--curve={tmp_path / 'peer.key_secret'}", f"--trust={tmp_path / 'broker.key'}"]
        processes.append(start_worker(endpoint, "echo", "tests.majordomo.handlers:echo", *keys))
        assert run("call", "--endpoint", endpoint, *keys, "echo", "x").stdout == "x\n"
        done = run("call", "--endpoint", endpoint, "--timeout=1", "echo", "x")
        assert (done.stderr, done.returncode) == (
            f"Timeout: echo: no answer in time: the handshake with {endpoint} failed: "
            "the broker wants keys (CURVE), or it is no broker\n",
            1,
        )


def test_a_handler_is_found_in_the_current_directory(tmp_path):
    (tmp_path / "mine.py").write_text("def double(frame):\n    return frame * 2\n")
    with cleanup() as processes:
        broker, endpoint = start_broker()
        processes += [broker, start_worker(endpoint, "double", "mine:double", cwd=tmp_path)]
        assert run("call", "--endpoint", endpoint, "double", "ab").stdout == "abab\n"


@pytest.mark.parametrize("handler", ["json", "json:", "json:nothing", "no_such_module:f", "json:__doc__"])
def test_a_wrong_handler_is_told(handler, capsys):
    assert command.main(["worker", "s", handler]) == 2
    assert handler in capsys.readouterr().err


def test_half_of_the_keys_is_told(capsys):
    assert command.main(["status", "--curve", "x"]) == 2
    assert "belong together" in capsys.readouterr().err


def test_an_endpoint_that_is_taken_is_told(capsys):
    with cleanup() as processes:
        broker, endpoint = start_broker()
        processes.append(broker)
        done = run("broker", "--endpoint", endpoint)
        assert done.returncode == 2
        assert "Address already in use" in done.stderr
        assert "Traceback" not in done.stderr


def test_every_limit_is_an_option(capsys):
    with pytest.raises(SystemExit):
        command.main(["broker", "--help"])
    assert "--max-queued" in capsys.readouterr().out


def test_the_log_is_json_lines():
    with cleanup() as processes:
        broker = start("broker", "-v", "--endpoint=tcp://127.0.0.1:0", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        processes.append(broker)
        assert broker.stderr
        line = json.loads(broker.stderr.readline())
        assert line["message"] == "serving"
        assert line["endpoint"].startswith("tcp://127.0.0.1:")
        broker.stderr.close()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["call", "--timeout=nan", "echo"], "timeout must be more than 0 seconds, not nan"),
        (["call", "--timeout=-1", "echo"], "timeout must be more than 0 seconds, not -1"),
        (["call", ""], "no name of a service: it is empty"),
        (["call", "\udcff"], "no name of a service"),
        (["call", "--endpoint=tcp:/127.0.0.1:5555", "echo"], "endpoint must be like 'tcp://127.0.0.1:5555'"),
        (["call", "--endpoint=tcp://*:5555", "echo"], "Invalid argument (addr='tcp://*:5555')"),
        (["status", "--timeout=0"], "timeout must be more than 0 seconds"),
        (["broker", "--max-service-name=inf"], "max_service_name must be from 1 to 255, not inf"),
        (["metrics", "--port=99999"], "port must be from 0 to 65535, not 99999"),
        (["metrics", "--port=99999999999999999999"], "port must be from 0 to 65535, not 99999999999999999999"),
        (["broker", "--endpoint=tcp://0.0.0.0"], "endpoint must end in a port from 0 to 65535"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(arguments, error, capsys):
    assert command.main(arguments) == 2
    told = capsys.readouterr().err
    assert error in told
    assert told.count("\n") == 1


def test_a_frame_may_have_any_bytes(capfdbinary):
    with serving() as broker, working(broker, "echo", lambda *frames: frames):
        frames = [os.fsdecode(frame) for frame in (b"caf\xc3\xa9", b"\xff", b"")]
        assert command.main(["call", "--timeout=inf", f"--endpoint={broker.endpoint}", "echo", *frames]) == 0
    assert capfdbinary.readouterr().out == b"caf\xc3\xa9\n\xff\n\n"


def test_the_status_of_a_broker_that_is_not_ours(capsys):
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        router.rcvtimeo = int(DEADLINE * 1000)
        endpoint = f"tcp://127.0.0.1:{router.bind_to_random_port('tcp://127.0.0.1')}"

        def answer():
            for _ in range(2):  # the limits, and the status
                *envelope, _ = router.recv_multipart()
                router.send_multipart([*envelope, b"501"])

        thread = threading.Thread(target=answer)
        thread.start()
        assert command.main(["status", f"--endpoint={endpoint}"]) == 1
        thread.join(DEADLINE)
    assert capsys.readouterr().err == f"the broker at {endpoint} is not ours: it has no mmi.status\n"


def test_the_status_as_a_health_check(capsys):
    """Its exit code: fit, without a worker that is needed, shutting down, and nobody there."""
    with serving(PATIENT) as broker:
        check = ["status", f"--endpoint={broker.endpoint}", "--timeout=5"]
        assert command.main(check) == 0
        assert command.main([*check, "--needs=echo"]) == 3
        assert capsys.readouterr().err == "no worker offers 'echo'\n"
        with working(broker, "echo", lambda *frames: frames), Client(broker.endpoint) as client:
            client.call("echo", b"x")
            assert command.main([*check, "--needs=echo"]) == 0
            assert command.main([*check, "--needs=echo", "--needs=more"]) == 3
            slow = client.submit("nobody", b"x")  # so that it has something to wait for
            until(lambda: status_of(client)["clients_waiting"], "it waits for a worker")
            broker.drain()
            until(lambda: status_of(client)["state"] == "draining", "it shuts down")
            assert command.main(check) == 3
            assert "the broker is draining" in capsys.readouterr().err
            slow.cancel()
    assert command.main([*check[:2], "--timeout=0.1"]) == 1


def test_a_port_for_scrapes_that_is_taken_is_told(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken, serving() as broker:
        port = taken.getsockname()[1]
        assert command.main(["metrics", f"--endpoint={broker.endpoint}", f"--port={port}"]) == 2
    assert "Address already in use" in capsys.readouterr().err


@unix
def test_who_reads_only_the_beginning_meets_no_traceback():
    with serving() as broker, cleanup() as processes:
        asks = start("status", f"--endpoint={broker.endpoint}", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        processes.append(asks)
        assert asks.stdout
        assert asks.stderr
        asks.stdout.close()
        assert asks.wait(DEADLINE) == 1
        assert asks.stderr.read() == ""
        asks.stderr.close()


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGINT")
def test_an_interrupted_call():
    with socket.create_server(("127.0.0.1", 0)) as server, cleanup() as processes:
        endpoint = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        process = start("call", "--endpoint", endpoint, "echo", stderr=subprocess.PIPE)
        processes.append(process)
        server.settimeout(DEADLINE)
        server.accept()  # it is there, and waits
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE) == 130
        assert process.stderr
        assert process.stderr.read() == ""
        process.stderr.close()


def commands_of(name):
    """The arguments of each ``python -m zmqlab.majordomo …`` in a page; a line may go on after a backslash."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = re.findall(r"python -m zmqlab\.majordomo ([a-z].*)", text)
    return [shlex.split(re.split(r"`|\s#\s|\s\|\|\s", line)[0]) for line in lines]


@pytest.mark.parametrize("page", ["README.md", "docs/operations.md"])
def test_the_commands_of_the_documents_are_commands(page):
    found = commands_of(page)
    assert len(found) > 2
    for arguments in found:
        command.parser().parse_args(arguments)
