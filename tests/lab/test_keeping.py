"""What a lab leaves behind: the trace, the page and the drawing, each complete and each a file of its own."""

import zmq

from zmqlab import Lab, Trace


def test_a_run_is_kept_as_trace_page_and_drawing(tmp_path):
    with Lab("kept") as lab:
        frontend = lab.endpoint("frontend")

        @lab.actor
        def server(ctx):
            socket = ctx.socket(zmq.ROUTER)
            socket.bind(frontend)
            socket.send_multipart(socket.recv_multipart())

        @lab.actor
        def client(ctx):
            socket = ctx.socket(zmq.DEALER)
            socket.connect(frontend)
            socket.send(b"hello")
            socket.recv()

        lab.wait()
        lab.save(tmp_path / "run.jsonl")
        lab.to_html(tmp_path / "run.html")
        lab.svg(tmp_path / "run.svg")
        messages = lab.messages()
        drawing = lab.picture().svg
    kept = Trace.load(tmp_path / "run.jsonl")
    assert [m.received_frames for m in kept.messages.values()] == [m.received_frames for m in messages]
    assert len(messages) == 2
    assert all(m.received for m in messages)
    assert (tmp_path / "run.svg").read_text(encoding="utf-8") == drawing
    assert "2 messages between server, client." in (tmp_path / "run.html").read_text(encoding="utf-8")
