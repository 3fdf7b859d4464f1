"""The numbers of a trace, and the file that other tracers' viewers open, are those of the messages."""

from __future__ import annotations

import csv
import io
import json

from tests.trace.builder import Script
from zmqlab.trace.events import UnsentData
from zmqlab.trace.trace import Trace
from zmqlab.view.chrome import to_chrome
from zmqlab.view.summary import COLUMNS, Summary

MS = 1_000_000


def asked() -> Trace:
    """alice asks twice, the server reads the first after 2 ms; one more message is dropped."""
    script = Script()
    for name, type, id in (("alice", "DEALER", "1.1"), ("server", "ROUTER", "1.2")):
        script.event("actor", name, "started", "thread")
        script.socket(id, type, name, connects=id == "1.1", binds=id == "1.2")
    script.connection("5", "1.1", "1.2")
    script.time = 10 * MS
    script.send("1.1", b"Task-0")
    script.wire("5>", b"Task-0")
    script.send("1.1", b"Task-1")
    script.wire("5>", b"Task-1")
    script.time = 12 * MS
    script.recv("1.2", "5>", b"id", b"Task-0")
    script.send("1.2", b"nobody", b"x")
    script.log.append((script.time, "drop", "1.2", *UnsentData(0, "ROUTER: no peer with routing id 'nobody'")))
    return script.trace()


def test_each_socket_has_a_row():
    alice, server = Summary(asked()).rows
    assert list(alice) == list(COLUMNS)
    assert (alice["actor"], alice["type"], alice["sent"], alice["sent_bytes"]) == ("alice", "DEALER", 2, 12)
    assert (alice["received"], alice["waiting"], alice["took_p50_ms"]) == (0, 1, None)
    assert (server["received"], server["received_bytes"], server["dropped"]) == (1, 8, 1)
    assert 1.9 < server["took_p50_ms"] == server["took_p99_ms"] < 2.1
    assert server["in_depth"] == 1


def test_a_pub_sends_once_what_several_get():
    script = Script()
    script.socket("1.1", "PUB", binds=1)
    for n in range(2, 12):
        script.socket(f"1.{n}", "SUB", connects=1)
        script.connection(str(n), f"1.{n}", "1.1")
    script.send("1.1", b"news")
    for n in range(2, 12):
        script.wire(f"{n}<", b"news")
        script.recv(f"1.{n}", f"{n}<", b"news")
    pub, *subs = Summary(script.trace()).rows
    assert (pub["sent"], pub["sent_bytes"], pub["waiting"]) == (1, 4, 0)
    assert [sub["received"] for sub in subs] == [1] * 10


def test_the_text_has_the_numbers_and_the_reasons():
    text = str(Summary(asked()))
    head, alice, server, *_ = text.splitlines()
    assert head.split()[:3] == ["socket", "sent", "bytes"]
    assert alice.split()[:4] == ["alice", "DEALER", "2", "12"]
    assert server.split()[:2] == ["server", "ROUTER"]
    assert "1 dropped, sent by server: ROUTER: no peer with routing id 'nobody'" in text
    assert str(Summary(Trace())) == "no sockets"


def test_the_csv_has_what_the_rows_have():
    summary = Summary(asked())
    rows = list(csv.DictReader(io.StringIO(summary.csv())))
    assert [
        {key: str(value if value is not None else "") for key, value in row.items()} for row in summary.rows
    ] == rows


def test_the_chrome_trace_has_lanes_slices_and_an_arrow_for_each_message(tmp_path):
    trace, path = asked(), tmp_path / "run.json"
    to_chrome(trace, path, "mine")
    stored = json.loads(path.read_text(encoding="utf-8"))
    records = stored["traceEvents"]
    lanes = {each["args"]["name"]: each["tid"] for each in records if each.get("name") == "thread_name"}
    assert list(lanes) == ["alice", "server"]
    slices = {(each["name"], each["tid"]): each for each in records if each["ph"] == "X"}
    send, receive = slices["send Task-0", lanes["alice"]], slices["receive Task-0", lanes["server"]]
    assert 1.9e3 < receive["ts"] - send["ts"] < 2.1e3
    assert send["args"]["frames"] == ['"Task-0"']
    start, finish = [each for each in records if each["ph"] in "sf"]
    assert (start["tid"], finish["tid"], start["id"]) == (lanes["alice"], lanes["server"], finish["id"])
    for arrow, slice in ((start, send), (finish, receive)):  # the viewer draws it only from slice to slice
        assert slice["ts"] <= arrow["ts"] < slice["ts"] + slice["dur"]
    assert "dropped: ROUTER: no peer" in slices["send x", lanes["server"]]["args"]["end"]
    assert [each["args"]["messages"] for each in records if each["ph"] == "C"] == [1, 2, 1]
    assert all(each["dur"] > 0 for each in slices.values())
