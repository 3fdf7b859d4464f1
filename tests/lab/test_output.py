"""Prints of an actor's thread go to the actor; everybody else's go where they went."""

import sys
import threading

import pytest

from zmqlab.lab import output


@pytest.fixture(autouse=True)
def nobody_else_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    """An actor of an earlier test that had to be left alone would count here."""
    monkeypatch.setattr(output, "_sinks", {})


def in_thread(function):
    thread = threading.Thread(target=function)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()


def test_a_captured_thread_prints_to_its_output_and_the_others_to_the_screen(capsys):
    heard: list[str] = []
    mine = output.Output(heard.append)

    def actor():
        output.capture(mine)
        print("one")
        print("err", file=sys.stderr)
        in_thread(lambda: print("a thread of nobody"))
        print("two", end="")
        output.release()
        print("after")

    in_thread(actor)
    print("the cell")
    assert heard == ["one", "err", "two"]
    assert mine.text == "one\nerr\ntwo\n"
    assert capsys.readouterr().out == "a thread of nobody\nafter\nthe cell\n"


def test_the_streams_are_put_back_by_the_last(capsys):
    before = sys.stdout, sys.stderr

    def actor():
        output.capture(output.Output(lambda line: None))
        assert sys.stdout is not before[0]
        output.release()

    in_thread(actor)
    assert (sys.stdout, sys.stderr) == before


def test_the_stream_of_a_print_that_is_still_writing_is_not_freed(capsys):
    """print() holds no reference to sys.stdout, and another thread may take it out meanwhile."""
    import weakref

    seen = []

    def actor():
        output.capture(output.Output(lambda line: None))
        seen.append(weakref.ref(sys.stdout))
        output.release()

    for _ in range(3):
        in_thread(actor)
    assert seen[0]() is seen[1]() is seen[2]() is not None


def test_only_the_latest_lines_are_kept():
    mine = output.Output(lambda line: None)
    for n in range(output.KEPT_LINES + 5):
        mine.write(f"{n}\n")
    assert mine.text.startswith("5\n6\n")
    assert mine.text.count("\n") == output.KEPT_LINES


def test_of_a_thread_with_a_limit_the_beginning_is_kept():
    mine = output.Output(lambda line: None)

    def actor():
        output.capture(mine)
        output.limit(20, lines=2)
        print("one")
        print("two\nthree")
        print("four", end="")
        output.release()

    in_thread(actor)
    assert mine.text == "one\ntwo\n"
