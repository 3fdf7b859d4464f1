"""The bounded log: order, indices, bounds, chunks."""

import marshal
import threading

from zmqlab.trace.events import SendData
from zmqlab.trace.log import BLOCK, Log


def raw(n: int, text: str = "x") -> tuple:
    return (n, "print", "alice", text)


def test_events_come_back_in_order_with_growing_indices():
    log = Log()
    for n in range(3 * BLOCK + 7):
        log.append(raw(n))
    events, gap = log.since(0)
    assert gap == 0
    assert [e.index for e in events] == [e.time for e in events] == list(range(3 * BLOCK + 7))
    assert log.next_index == 3 * BLOCK + 7


def test_since_gives_only_what_is_new():
    log = Log()
    for n in range(2 * BLOCK):
        log.append(raw(n))
    log.append(raw(-1))
    events, gap = log.since(2 * BLOCK - 1)
    assert ([e.time for e in events], gap) == ([2 * BLOCK - 1, -1], 0)
    assert log.since(2 * BLOCK + 1) == ([], 0)


def test_a_chunk_of_another_process_keeps_its_place():
    log = Log()
    log.append(raw(0))
    log.append_chunk(2, marshal.dumps([raw(1), raw(2)]))
    log.append(raw(3))
    events, _ = log.since(0)
    assert [(e.index, e.time) for e in events] == [(0, 0), (1, 1), (2, 2), (3, 3)]
    assert [e.time for e in log.since(2)[0]] == [2, 3]


def test_the_oldest_go_first_and_the_gap_is_counted():
    log = Log(max_events=2 * BLOCK)
    for n in range(5 * BLOCK):
        log.append(raw(n))
        if not n % BLOCK:
            log.seal()
    events, gap = log.since(0)
    assert gap == events[0].index > 0
    assert gap + len(events) == 5 * BLOCK
    assert len(events) <= 3 * BLOCK


def test_large_frames_are_bounded_by_bytes():
    log = Log(max_bytes=1 << 20)
    for n in range(4 * BLOCK):
        log.append((n, "send", "1.1", n, (b"%01000d" % n,)))
        if not n % 256:
            log.seal()
    events, gap = log.since(0)
    assert gap > 0
    kept = [len(e.data.frames[0]) for e in events if isinstance(e.data, SendData)]
    assert len(kept) == len(events)
    assert sum(kept) < 2 << 20


def test_threads_lose_nothing():
    log = Log()

    def write(who: int) -> None:
        for n in range(5000):
            log.append((n, "print", str(who), "x"))

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    events, _ = log.since(0)
    assert [e.index for e in events] == list(range(20_000))
    for who in range(4):
        assert [e.time for e in events if e.subject == str(who)] == list(range(5000))


def test_what_there_is_outlives_the_traffic():
    log = Log(max_events=BLOCK)
    log.append((0, "socket", "1.1", "opened", "alice", "DEALER"))
    link = (1, "connection", "7", "opened", "1.1", "", "tcp://127.0.0.1:1")
    log.append_chunk(2, marshal.dumps([link, (2, "wire", "7>", 0, (b"x",), 2)]))
    for n in range(3, 5 * BLOCK):
        log.append(raw(n))
        if not n % BLOCK:
            log.seal()
    events, gap = log.since(0)
    assert [e.kind for e in events[:2]] == ["socket", "connection"]
    assert [e.index for e in events[:2]] == [0, 1]
    assert gap + len(events) == 5 * BLOCK
    assert log.since(1)[0][0].kind == "connection"


def test_of_who_uses_a_socket_a_full_log_keeps_the_last_alone():
    """One alone of those who send, and one of those for whom receives are."""
    log = Log(max_events=BLOCK)
    for n in range(4 * BLOCK):
        log.append((n, "use", "1.1", f"task {n % 3}", n % 2 and n))
        log.tidy()
    events, _ = log.since(0)
    gone = [event.time for event in events if event.time < 3 * BLOCK]
    assert gone == [n for block in (1, 2, 3) for n in (block * BLOCK - 2, block * BLOCK - 1)]
    assert len(events) == len(gone) + BLOCK
