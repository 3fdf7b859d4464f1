"""Mistakes that 05-a and 05-b refuse: these lines are the same in both of the clients that the tests change."""

from __future__ import annotations

CLIENT_WRONG = {
    "takes an empty payload for none": (
        [("len(frames) == 2", "len(frames) == 2 and frames[1]")],
        ["b''", "An empty payload is a reply too"],
        "one request, one reply",
    ),
    "connects elsewhere": (
        [("connect(endpoint)", "connect('tcp://127.0.0.1:9')")],
        ["No socket of yours is connected to this endpoint"],
        "one request, one reply",
    ),
    "has one id for all": (
        [("uuid.uuid4().bytes", "b'id'")],
        ["in another order", "8 requests with 1 different ids", "An id is used twice"],
        "eight requests, the replies in another order",
    ),
    "takes what has frames enough": (
        [("len(frames) == 2", "len(frames) >= 2")],
        ["of one frame, of three", "b'one'", "is not thrown away"],
        "replies of one frame, of three, and an empty one",
    ),
    "leaves its socket open": (
        [("        self.socket.close(linger=0)", "")],
        ["close() while a request is open", "1 sockets still open", "term() wait"],
        "close() while a request is open",
    ),
    "strips an answer": (
        [("set_result(frames[1])", "set_result(frames[1].strip())")],
        r"b'answer to \xff\x00'",
        "one request, one reply",
    ),
    "ends the caller's context": (
        [("self.socket.close(linger=0)", "self.socket.context.destroy(linger=0)")],
        ["The context is the caller's, who goes on using it"],
        "close() while a request is open",
    ),
}
