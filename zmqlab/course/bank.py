"""What `recall()` and `quiz()` ask: five questions and more about each lesson, two and more about each appendix.

A question asks for understanding, in words that can be read without its lesson. The right choice is shown by a cell of
that lesson or by the page that the lesson cites; a wrong one is what people really believe. `where` is a heading of the
lesson, of level 2 or 3, to the letter, and `why` one sentence that is good to read after a right answer too. Texts may
have `code` between backticks; choices have no full stop. The first question about a lesson is about its one idea: the
quiz at the end of the course asks it.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple


class Item(NamedTuple):
    """One question. `recall` shuffles the choices."""

    question: str
    right: str
    wrong: tuple[str, ...]
    why: str
    where: str


class Shown(NamedTuple):
    """A question as it is shown, its choices in an order of chance. Texts may have `code` between backticks."""

    question: str
    choices: Sequence[str]
    right: int  # the place of the right choice
    why: str
    lesson: str  # where it was learned, as `called` says it
    section: str
    file: str  # of the lesson


class Lesson(NamedTuple):
    title: str
    file: str


LESSONS = {
    "00": Lesson("Start here", "00-start-here.ipynb"),
    "01": Lesson("One file, two sockets", "01-one-file-two-sockets.ipynb"),
    "02": Lesson("Lock-step or not", "02-lock-step-or-not.ipynb"),
    "03": Lesson("Envelopes", "03-envelopes.ipynb"),
    "04": Lesson("Pipelining", "04-pipelining.ipynb"),
    "05": Lesson("Correlation IDs", "05-correlation-ids.ipynb"),
    "06": Lesson("Who gets the next message?", "06-who-gets-the-next-message.ipynb"),
    "07": Lesson("A broker that knows who is free", "07-a-broker-that-knows-who-is-free.ipynb"),
    "08": Lesson("Back-pressure and ROUTER_MANDATORY", "08-back-pressure.ipynb"),
    "09": Lesson("When workers die", "09-when-workers-die.ipynb"),
    "10": Lesson("Names that outlive their owner", "10-names-that-outlive-their-owner.ipynb"),
    "11": Lesson("The full broker", "11-the-full-broker.ipynb"),
    "12": Lesson("In production", "12-in-production.ipynb"),
    "13": Lesson("Capstone: your own broker", "13-your-own-broker.ipynb"),
    "A": Lesson("Your notebook is a ZeroMQ system", "A-your-notebook-is-a-zeromq-system.ipynb"),
    "B": Lesson("ZeroMQ in an event loop", "B-zeromq-in-an-event-loop.ipynb"),
}
"""Key -> lesson, in the order of the course; appendices, which may be left out, last."""

NUMBERED = [key for key in LESSONS if key.isdigit()]
"""The lessons that build one upon the other."""


def called(key: str) -> str:
    """ "lesson 03, Envelopes"."""
    return f"{'lesson' if key in NUMBERED else 'appendix'} {key}, {LESSONS[key].title}"


def shown(key: str, item: Item, chance: Random) -> Shown:
    """That question about that lesson, its choices in an order of chance."""
    choices = [item.right, *item.wrong]
    chance.shuffle(choices)
    right = choices.index(item.right)
    return Shown(item.question, choices, right, item.why, called(key), item.where, LESSONS[key].file)


ITEMS = {
    "00": (
        Item(
            "`send` has returned, and no error was raised. What do you know?",
            right="the message lies in a queue of your own socket",
            wrong=("the other program has received it", "it has arrived at the other side, where it lies unread"),
            why="A `send` that succeeds has queued the message, "
            "and says nothing of the network or of the other program.",
            where="Nobody is there",
        ),
        Item(
            "A server is busy with something else. A message for it left its sender long ago. Where does it wait?",
            right="at the server, unread, in the queue of its socket",
            wrong=(
                "in your own socket, until the server calls `recv`",
                "nowhere: it is lost, because nobody was receiving",
            ),
            why="A message that has arrived was handed to the receiver's connection, and lies there until it is read.",
            where="Nobody reads",
        ),
        Item(
            "A client connects to an address where nobody is, and sends. How does it learn of its mistake?",
            right="not from these two calls: both return as they always do",
            wrong=("`connect` raises an error", "`send` waits until somebody is there"),
            why="Connecting is left to a thread in the background, and `send` only puts the message into a queue.",
            where="Nobody is there",
        ),
        Item(
            "A message of three frames is sent. What can the receiver get?",
            right="all three frames, or nothing",
            wrong=("the frames that came in time", "three messages, which it puts together itself"),
            why="The frames of a message come all together or not at all.",
            where="Four places of a message",
        ),
        Item(
            "All messages are held on the wire. Alice calls `send`, and then `recv`. Where does her program stand?",
            right="in `recv`",
            wrong=("in `send`", "nowhere: `send` has raised an error"),
            why="`send` only puts the message into a queue and returns; it is the answer that she waits for.",
            where="Somebody comes",
        ),
        Item(
            "Alice's DEALER sent one frame, and the server's ROUTER delivers two. Where is the other one from?",
            right="from the ROUTER: Alice's routing id, so that the server can answer her",
            wrong=(
                "from the DEALER: the name of its program",
                "from Alice's text: ZeroMQ splits what is long",
            ),
            why="ROUTER puts the routing id in front of each message that it receives.",
            where="Read the view",
        ),
    ),
    "01": (
        Item(
            "A client sets no routing id, so the ROUTER makes one up. How long does it last?",
            right="as long as the connection",
            wrong=("for ever: the same client gets the same id", "as long as the server runs"),
            why="ROUTER counts its connections: each new one gets the next number, also that of a client it has met.",
            where="The server is started twice",
        ),
        Item(
            "A ROUTER server is stopped, and started again as a new process. What about its automatic routing ids?",
            right="they begin with the same one again",
            wrong=("they are random, so none comes twice", "they go on where the old process has stopped"),
            why="libzmq never seeds its generator, so an old id may be the name of another client after a restart.",
            where="The server is started twice",
        ),
        Item(
            "A client is to be known by a name of its own. When does its program set `routing_id`?",
            right="before `connect`",
            wrong=("at any time: the socket tells its peer", "after `connect`, and before the first `send`"),
            why="`connect` copies the name for the handshake, and Bob, who set his after it, was seen without one.",
            where="A name of your own",
        ),
        Item(
            "A ROUTER sends to a routing id that nobody has. What happens, unless an option says otherwise?",
            right="the message is dropped, and nobody is told",
            wrong=("`send` raises an error", "the message waits until somebody connects with that id"),
            why="That is the default; with ROUTER_MANDATORY it would be an error.",
            where="A reply to nobody",
        ),
        Item(
            "A server has one ROUTER socket and a hundred clients. How does a reply find its client?",
            right="by the first frame that the server sends: the routing id of the task",
            wrong=(
                "ROUTER answers whoever has sent the last message",
                "by the name of the client in the text of the reply",
            ),
            why="ROUTER puts the id in front of what it receives, and obeys the first frame of what it sends.",
            where="Two clients at once",
        ),
        Item(
            "The server was killed with Carol's task in its hands. Then it is started again. What does Carol get?",
            right="nothing, until she asks again",
            wrong=(
                "the answer, late: her socket sends the task again",
                "an error from `recv`: her connection was broken",
            ),
            why="Her socket connects again by itself, but the task died with the server, and nobody repeats it.",
            where="Break it: the server dies with a task in its hands",
        ),
    ),
    "02": (
        Item(
            "The server is far away. Five questions sent all at once are faster than one by one. Why?",
            right="the way there and back is paid once, and not five times",
            wrong=(
                "the server works on all five at the same time",
                "a DEALER opens a connection for each of them",
            ),
            why="In lock-step each question waits until the answer before it is back; "
            "sent at once, they travel as one.",
            where="What lock-step costs",
        ),
        Item(
            "A server dies over TCP and is started again. Of Alice's two tasks one was still in her socket, "
            "and the server had the other one. Which of them does the new server get by itself?",
            right="the one that was still in her socket",
            wrong=("both: her socket sends again what has no answer", "none: what waited ends with the connection"),
            why="A socket that connects keeps what is unsent for whoever comes; what was sent it has no more.",
            where="Break it: the server dies with a task in its hands",
        ),
        Item(
            "Alice asked with a REQ, and her server died. The server is back. Why can she not simply ask again?",
            right="it is her turn to receive, so `send` raises an error",
            wrong=(
                "her socket stays without a connection",
                "she can: the second `send` goes to the new server",
            ),
            why="A REQ sends and receives in turns, and no answer will ever end this turn: she needs a new socket.",
            where="Break it: the server dies with a task in its hands",
        ),
        Item(
            "With REQ_RELAXED alone, a client gives up Q1 and sends Q2. "
            "The server answers both. What does `recv` return?",
            right="the answer to Q1",
            wrong=("the answer to Q2: the other one is thrown away", "an error: two answers to one question"),
            why="Without REQ_CORRELATE nothing tells the two answers apart, and the one that came first is taken.",
            where="Going deeper: give up, and keep the socket",
        ),
        Item(
            "A message cannot be sent, as nobody is there. The program calls `close()` and then `term()`, "
            "with the default linger. What happens?",
            right="`close` returns, and `term` waits for the message to be sent",
            wrong=("both return, and the message is thrown away", "`close` waits for the message to be sent"),
            why="Linger is -1 by default, which means no limit: set it where a program has to end.",
            where="close() has returned. Has the message gone?",
        ),
        Item(
            "The server crashed with a task of yours, and was started again. What comes back by itself?",
            right="the connection alone",
            wrong=("the connection, and the task with it", "nothing: your program has to connect anew"),
            why="A socket tries for ever to connect again, but nobody sends a task again that had left.",
            where="Break it: the server dies with a task in its hands",
        ),
        Item(
            "A Lazy Pirate gave up its first try and asks again. The server was only slow. How often is the work done?",
            right="twice: to give up does not stop the server",
            wrong=(
                "once: the first try went with its socket",
                "once: a REP sees that the task is the same",
            ),
            why="Closing a socket drops the late answer, and not the work: ask only what may be done twice.",
            where="Give up, and ask again: the Lazy Pirate",
        ),
    ),
    "03": (
        Item(
            "Which of these sockets puts an empty frame in front of a request by itself?",
            right="REQ",
            wrong=("DEALER", "ROUTER"),
            why="REQ adds the delimiter; a DEALER adds nothing, so its program has to send it where one is wanted.",
            where="What each socket adds",
        ),
        Item(
            "A request passes two hops, each with a ROUTER in front and a DEALER behind. How many routing ids "
            "stand in front when the server's ROUTER delivers it?",
            right="three",
            wrong=("one", "two"),
            why="Each ROUTER on the way adds the id of its peer, and the server's own is one of them.",
            where="Through a hop",
        ),
        Item(
            "A DEALER asks a REP, and forgets the delimiter. What does the REP's program see?",
            right="`poll` says yes, and there is nothing to receive",
            wrong=("the request, as if all were well", "a request with an empty payload"),
            why="REP throws such a message away when it tries to read it, and tells nobody.",
            where="Break it: the delimiter is missing",
        ),
        Item(
            "A REQ that connects over TCP gets a reply without the delimiter, and then a correct one. "
            "What does it receive?",
            right="nothing: it has given up its connection",
            wrong=("the correct one: the other is skipped", "the first one: the frames do not matter"),
            why="To a REQ, such a reply means that its peer is broken; so give back the envelope as it came.",
            where="Break it: the delimiter is missing",
        ),
        Item(
            "Dave's DEALER has a routing id, is connected, and has never sent anything. "
            "What about a message from the ROUTER to him?",
            right="it arrives",
            wrong=("it is dropped: a ROUTER can only answer", "it waits until Dave has sent something"),
            why="A peer tells its routing id in the handshake, so the ROUTER may speak first.",
            where="Going deeper: who may ROUTER speak to first?",
        ),
        Item(
            "A program sends `part 1` with SNDMORE, fails before the next frame, and then sends `new`. What comes?",
            right="one message: `part 1`, `new`",
            wrong=("one message: `new`", "two messages: `part 1`, then `new`"),
            why="A half message waits in the socket for the rest; `send_multipart` leaves nothing behind.",
            where="Going deeper: half a message",
        ),
        Item(
            "A REQ connects to a DEALER over TCP, sends a request, and gets no answer. What went wrong?",
            right="the two refuse each other when they connect, and nobody is told",
            wrong=(
                "the DEALER's program should have sent the delimiter back",
                "the DEALER was busy: the answer comes when it is free",
            ),
            why="Each side says in the handshake what kind of socket it is, and `connect` has returned before that.",
            where="Who may talk to whom",
        ),
        Item(
            "In a test over inproc, a REQ gets its answers from a DEALER. What will the same two programs do over TCP?",
            right="they will never talk: TCP has a handshake, and inproc has none",
            wrong=(
                "the same: a transport only carries the frames",
                "they will talk once the program adds the delimiter",
            ),
            why="A pair that does not fit is refused in the handshake, which belongs to the connection.",
            where="Who may talk to whom",
        ),
    ),
    "04": (
        Item(
            "A client uses a DEALER with a window of 8. Who sees to it that no ninth task is in flight?",
            right="the program: it counts what it sends and receives",
            wrong=(
                "the DEALER: its high-water mark is the window",
                "the server: it receives no more than it can do",
            ),
            why="A DEALER knows nothing of replies; `send` puts a message into the outgoing queue and returns.",
            where="A window of one, and of eight",
        ),
        Item(
            "A task takes 22 ms in lock-step, and 2 ms of them are the server's work. The client's window is always "
            "full. What becomes better when it grows from 32 to 64?",
            right="nothing",
            wrong=("twice as many tasks are done in a second", "the replies come sooner"),
            why="With 11 tasks in flight the server is never idle; all beyond that wait in its queue.",
            where="How large should it be?",
        ),
        Item(
            "A DEALER shares out its tasks between a slow server and a fast one. In which order do the replies come?",
            right="in order from each server, and in none between the two",
            wrong=("in the order of the tasks: the DEALER sorts them", "in any order, even from one server"),
            why="Each connection keeps its order, and between two connections there is none.",
            where="Two servers",
        ),
        Item(
            "A program takes the first reply for the reply to its first task. Its tests pass. "
            "On which day is it wrong?",
            right="when somebody adds a second server",
            wrong=("when the server becomes slow", "never: TCP keeps the order"),
            why="With one server the order is kept; with two, each result is put beside another task, "
            "without an error.",
            where="Two servers",
        ),
        Item(
            "A server dies with four tasks, which fill the client's window. "
            "Another client is served well once the server is back. What does ours do?",
            right="it waits: without replies no further task goes out",
            wrong=("it goes on with the next four tasks", "it has raised an error: the connection broke"),
            why="A window counts replies, so a task without a reply keeps its place in the window for ever.",
            where="Break it: the server dies with the window full",
        ),
    ),
    "05": (
        Item(
            "A message has a routing id and a correlation id. What does each of them say?",
            right="to whom a reply goes; to which request it belongs",
            wrong=(
                "to which request a reply belongs; who has asked",
                "the same, once for the ROUTER and once for the DEALER",
            ),
            why="ROUTER needs the first one, and no socket looks at the second: both programs keep to that rule.",
            where="The reply says where it belongs",
        ),
        Item(
            "Without ids, Bob gives up Task-0 after 0.2 s, and asks for Task-1 by the same DEALER. "
            "What does he take for the answer to Task-1?",
            right="the answer to Task-0",
            wrong=("the answer to Task-1: the late one is thrown away", "nothing: the server has given both up"),
            why="A timeout ends the wait and not the request: its answer comes, and lies in front of the next one.",
            where="A reply that comes late",
        ),
        Item(
            "A client has a routing id of its own, and counts its correlation ids from 0 at each "
            "start. Why can that go wrong?",
            right="a late answer to an old request has the id of a new one",
            wrong=("the server refuses an id that it has seen before", "ids of two clients meet at the server"),
            why="With random bytes of this start and a counter, no id is used twice, not even after a restart.",
            where="Break it: the numbers begin again",
        ),
        Item(
            "Only one thread at a time runs Python code (the GIL). "
            "Why is it wrong all the same that four threads share a socket?",
            right="pyzmq lets go of the GIL while libzmq works",
            wrong=(
                "each thread needs a context of its own",
                "it is right: no two of them are in the socket at once",
            ),
            why="So several threads are inside the same socket, and the whole process dies, "
            "with no exception to catch.",
            where="One socket, four threads",
        ),
        Item(
            "Threads share a socket, and a lock stands around `send` alone. What is that worth?",
            right="little: messages still come apart, and the process may die",
            wrong=("it is enough: `recv` changes nothing", "it is enough while only one thread receives"),
            why="A lock would have to stand around every use of the socket, "
            "and a thread that waits in `recv` would keep all others out.",
            where="One socket, four threads",
        ),
        Item(
            "A request got no answer in time. What may have become of it?",
            right="it is done, or will be, or never: the client cannot tell",
            wrong=(
                "it was not done: the server would have answered",
                "it is cancelled: nobody works on it any more",
            ),
            why="A server that hangs answers late, one that has crashed never, and both look the same from outside.",
            where="Ask again: the same id, or a new one?",
        ),
        Item(
            "An order got no answer in time, and the program asks again. Which id stays the same?",
            right="the one that names what is to be done: the server knows a repeat by it",
            wrong=(
                "all of them: it is the same request",
                "none: an id that was used once may never be used again",
            ),
            why="The operation keeps its id, so that it is done once; each attempt has its own, "
            "so that a late reply is told from the right one.",
            where="Ask again: the same id, or a new one?",
        ),
        Item(
            "`future.result(timeout=0.5)` has raised TimeoutError, because the server hangs. What has that changed?",
            right="nothing: the request is still in flight, and a late reply is still put into the future",
            wrong=(
                "the future has the error now, for everybody who has it",
                "the request is cancelled, and the server is told",
            ),
            why="The timeout ends the wait alone; to end the request, the client has to take it out of the dictionary.",
            where="One owner, and futures",
        ),
    ),
    "06": (
        Item(
            "Ann is busy, Ben is free, and both are connected to a DEALER. It sends six tasks. Who gets them?",
            right="three each",
            wrong=("Ben all six", "Ann one, Ben five"),
            why="Round-robin takes turns, and sees neither who is busy nor who is fast.",
            where="A DEALER deals",
        ),
        Item(
            "A DEALER connects to two endpoints, and at one of them nobody is there. Where do its messages go?",
            right="half of them into a queue for nobody, until it is full",
            wrong=("all of them to the endpoint where somebody is", "half of them are lost at once"),
            why="A socket that connects has a queue for that endpoint at once; only IMMEDIATE has it wait.",
            where="Somebody who is not there",
        ),
        Item(
            "A DEALER with a high-water mark of 10 connects to Ann, who is there, and to Ben, who never comes. It "
            "sends 100 tasks. How many does Ann get?",
            right="90",
            wrong=("50", "10, and then `send` waits"),
            why="Ben's queue takes ten, and a full queue is skipped; `send` waits only when all queues are full.",
            where="Somebody who is not there",
        ),
        Item(
            "One DEALER is bound, and Ben had connected to it. Another one has connected to Ben. Now Ben has left. "
            "Which of them still gives him a turn?",
            right="the one that has connected to him",
            wrong=("the one that is bound", "both of them, because neither is told", "neither of them"),
            why="A queue that `connect` has made stays, and one that was made for a visitor goes with the connection.",
            where="A socket that binds forgets those who leave",
        ),
        Item(
            "Two workers are connected to a ROUTER and free. It sends a request as it came from the client Alice: "
            '`[b"alice", b"", b"Task-0"]`. Which worker gets it?',
            right="neither of them",
            wrong=("the one that has been free the longest", "each in turn, as from a DEALER"),
            why="To a ROUTER the first frame is the address, and nothing else counts: your program picks.",
            where="A ROUTER obeys",
        ),
        Item(
            "Two sockets are registered at a Poller, and both have something to be received. What does `poll` say?",
            right="that both of them have something",
            wrong=(
                "which of them had something first",
                "that one of them has something; the next call names the other",
            ),
            why="The Poller names all sockets that can be read, so the program decides which one it serves first.",
            where="Two sockets, one loop",
        ),
        Item(
            "All workers behind `zmq.proxy` are busy, and twelve requests wait. A third worker comes, and is free. How "
            "many of the twelve does it get?",
            right="none",
            wrong=("all of them", "its share, four"),
            why="A proxy deals each request when it comes, so the twelve wait at the other two workers already.",
            where="Break it: everybody is busy behind the proxy",
        ),
    ),
    "07": (
        Item(
            "A broker has a ROUTER on both sides and gives each task to a worker that is free. Who picks the worker?",
            right="a line of your program",
            wrong=("the ROUTER, which knows who waits", "the workers: the fastest one takes it"),
            why="`free.popleft()` picks, and a ROUTER obeys: it sends to the peer that the first frame names.",
            where='Who says "next, please"?',
        ),
        Item(
            "Ann is slow and Ben is fast. Why does the broker give her fewer tasks, although it measures nothing?",
            right="she is in the list of the free less often",
            wrong=("she stands behind Ben in the list for good", "she says so in her READY"),
            why="A worker at work is not in the list, so it has one task at most; Ben is free again long before her.",
            where='Who says "next, please"?',
        ),
        Item(
            "A broker reads its clients only while a worker is free, and nobody is. Where are the tasks of a client?",
            right="in the incoming queue of that client's connection, unread",
            wrong=(
                "in one queue of the ROUTER, behind those of all others",
                "in the ROUTER for the workers, until one of them comes",
            ),
            why="Each client has an incoming queue of its own, and the ROUTER takes from them in turn.",
            where="Where does the work wait?",
        ),
        Item(
            "A broker reads all requests into one deque. Alice sent 20, and then Bob sends one. When is it his turn?",
            right="after all of Alice's",
            wrong=("soon: a ROUTER takes from each client in turn", "at once: he has had nothing yet"),
            why="The turns end where the broker reads: in the deque, all clients stand in one line.",
            where="A broker that reads at once",
        ),
        Item(
            "Ann said READY, and crashed. The broker does not use ROUTER_MANDATORY, "
            "and gives her the next task. What becomes of it?",
            right="it is dropped, and no error is raised",
            wrong=(
                "the ROUTER gives it to a worker that is there",
                "the broker gets an error, and picks another one",
            ),
            why="A worker that has said READY was there when it said so; by now its routing id may be nobody's.",
            where="In the list, and gone",
        ),
        Item(
            "A worker crashes with a task in its hands, while another one is free. What would the broker need, so that "
            "the client is answered all the same?",
            right="a copy of each task that it has given away",
            wrong=("a longer list of who is free", "a queue with an end, and the answer BUSY"),
            why="The broker of lesson 07 gives its only copy away, and that copy is gone with the worker.",
            where="What this broker does not do yet",
        ),
    ),
    "08": (
        Item(
            "All high-water marks are 10. A peer reads nothing, over TCP. "
            "How many messages of 1 kB does a DEALER take?",
            right="far more than 20",
            wrong=("10: that is the mark", "20: there is a queue at each end"),
            why="The buffers of the operating system come on top of both queues; they count bytes and know no marks.",
            where="How much fits",
        ),
        Item(
            "A client asks a lot and reads slowly, until the queue for it in the server's ROUTER is "
            "full. What becomes of the next reply?",
            right="it is dropped",
            wrong=("it waits, and so does the server", "`send` raises an error, so that the server knows"),
            why="Without ROUTER_MANDATORY a ROUTER waits for no peer, as all others would wait too; a DEALER waits.",
            where="Who waits, and who drops",
        ),
        Item(
            "With ROUTER_MANDATORY, Ann's queue is full. The broker has a message for Ben. What comes of it?",
            right="it is accepted, as if Ann were not there",
            wrong=("it has to wait until there is room for Ann", "EAGAIN: the socket is at its mark"),
            why="The mark is for each peer, and not for the socket.",
            where="ROUTER_MANDATORY",
        ),
        Item(
            "With ROUTER_MANDATORY, a message to Ann was accepted. What did the option ask?",
            right="is she connected, and has her queue room?",
            wrong=("is she free, as far as the ROUTER knows?", "has she received it?"),
            why="A worker that was busy, one that hung and one that was dead took their messages all the same.",
            where="Break it: busy, hung, stopped, killed",
        ),
        Item(
            "A broker reads each request at once, into a list without a limit. "
            "No worker is free. What do its clients notice?",
            right="nothing: all is accepted",
            wrong=("their `send` waits at the high-water mark", "they are told BUSY"),
            why="A list has no mark: the back-pressure is gone, and the memory grows.",
            where="A queue of your own",
        ),
        Item(
            "A ROUTER has 50 clients that read nothing, marks of 1000, and replies of 100 kB. "
            "How much memory may its queues take?",
            right="5 GB: the mark is for each client",
            wrong=("100 MB: the mark is for the socket", "1000 bytes: a mark counts bytes"),
            why="A mark counts messages for each peer, so the budget is messages times size times peers.",
            where="A budget of memory",
        ),
        Item(
            "A broker answers BUSY when its queue is full. What has the client then that it would not have otherwise?",
            right="a choice: it knows at once, and for which request",
            wrong=("a place in the queue for later", "a promise that its requests are never lost"),
            why="The refused request is in no queue, and BUSY comes with its envelope, so the client can ask later.",
            where="A queue of your own",
        ),
    ),
    "09": (
        Item(
            "A worker has crashed, and nobody sends to it. What does its broker get from its ROUTER?",
            right="nothing at all",
            wrong=("an empty message with the worker's routing id", "EHOSTUNREACH from the next `recv`"),
            why="A ROUTER gives what its peers have sent; a monitor reports that some connection has ended.",
            where="What a ROUTER tells you",
        ),
        Item(
            "A worker's program hangs. What do ZMTP heartbeats tell its broker?",
            right="that all is well",
            wrong=("that the worker is dead: nothing comes back", "that the worker is busy"),
            why="libzmq's own thread answers them, so they say that the process runs and not that its program does.",
            where="Break it: crash, hang, stop, cut, slow",
        ),
        Item(
            "A worker's process is stopped by SIGSTOP. Which of these notices it?",
            right="ZMTP heartbeats",
            wrong=("TCP keepalive", "a monitor, without any heartbeats"),
            why="The process stands still with libzmq's thread, and the operating system goes on answering.",
            where="Break it: crash, hang, stop, cut, slow",
        ),
        Item(
            "A worker with one thread says ALIVE whenever it has nothing to do. Now it has been silent for long. "
            "What do you know of it?",
            right="it is dead, or well and at work: nobody can see which",
            wrong=(
                "it is dead: a worker that lives says ALIVE",
                "it is well: if it were dead, its connection would have ended",
            ),
            why="The worker that was slow was as silent as the one that hung, and answered later.",
            where="Break it: crash, hang, stop, cut, slow",
        ),
        Item(
            "A second thread does the work, and the first says ALIVE all the time. Which trouble is noticed no more?",
            right="a task that never ends",
            wrong=("a process that is killed", "a link that is cut"),
            why="ALIVE speaks for the thread that says it: the work may hang, and the thread beside it is well.",
            where="Say ALIVE while you work",
        ),
        Item(
            "A broker that was just started hears ALIVE from a worker. What does it know?",
            right="the worker lived when it sent that",
            wrong=("the worker lives now", "the worker is free for a task"),
            why="While no broker is there, such messages wait in the worker's queue, and are read much later.",
            where="An ALIVE may be old",
        ),
        Item(
            "Ann was silent for too long, and Ben got her task as well. Both answer. "
            "What can the broker still keep away?",
            right="the second answer, but not the second execution",
            wrong=("both: the retry has cancelled Ann's task", "nothing: the client gets two answers"),
            why="That is at-least-once: the first answer counts, and the work has to stand being done twice.",
            where="Retry: wrong without harm",
        ),
    ),
    "10": (
        Item(
            "A broker passes clients' automatic routing ids on to its workers. "
            "It is killed and started again, and then a worker brings an old answer. Who may get it?",
            right="a client that has come since",
            wrong=(
                "the client that asked: its id is on the answer",
                "nobody: the new process has never given that id",
            ),
            why="Each process counts from the same number, so the first client of the new one has the id "
            "that the first client of the old one had.",
            where="Who gets Alice's answer?",
        ),
        Item(
            "A broker puts a random token of its own into each task, and is started again. What becomes of an answer "
            "with an old token?",
            right="it is thrown away, and the client has to ask again",
            wrong=("it reaches its client, who is there again", "it goes to the client that has the same routing id"),
            why="The new process has an empty table, and never makes the same token, so it finds no client for it.",
            where="Tokens",
        ),
        Item(
            "Why does a broker make one token for each request, and not one for each client?",
            right="a request has an end that the broker sees",
            wrong=("a client may guess a token that it has had before", "a token for a client would have to be longer"),
            why="A token leaves the table with its answer; when a client ends, a ROUTER tells nobody.",
            where="Tokens",
        ),
        Item(
            "Two workers are started with the same routing id. Both say READY. What does the broker hear?",
            right="one READY, of the one that came first",
            wrong=("two READYs, from the same name", "one READY, and then an error from its ROUTER"),
            why="A ROUTER refuses a name that it has, in silence on both sides, and does not think again later.",
            where="Break it: two with one name",
        ),
        Item(
            "A ROUTER on TCP has ROUTER_HANDOVER. Somebody connects under the name of a worker that is well. "
            "What does that worker notice?",
            right="nothing: it goes on sending, and is not heard any more",
            wrong=("an error at its next `send`", "nothing at all changes: who comes first keeps the name"),
            why="The ROUTER gives the name to the newcomer, and tells the old owner nothing.",
            where="Break it: two with one name",
        ),
        Item(
            "A worker ends and is started again at once, under its old name, while the broker was busy with something "
            "else. It says READY. What may happen?",
            right="the broker never hears it",
            wrong=("the broker hears it as soon as it looks again", "it gets the tasks that the old one had not read"),
            why="A ROUTER lets go of a name while the program waits for messages; until then the name is in use.",
            where="A worker that starts again",
        ),
        Item(
            "A worker is told to stop. What lets it leave without losing a task?",
            right="to say so, and to go on until the broker says BYE too",
            wrong=("a long linger before its socket is closed", "to close its socket as soon as it has no task"),
            why="A task may be on its way; the broker's BYE comes behind it, because one connection keeps its order.",
            where="Leaving without losing a task",
        ),
    ),
    "11": (
        Item(
            "A request for painting waits, and behind it one for welding. Ann, who welds, is free again. "
            "What does a broker do that knows services?",
            right="it gives her the second one, past the first",
            wrong=(
                "it waits: the first one is the head of the line",
                "it gives her the first one, which has waited longer",
            ),
            why="It gives away the first request that somebody who is free can do.",
            where="Whose job is it?",
        ),
        Item(
            "A worker does one task after another. What does a credit of more than 1 bring?",
            right="the next task is there when an answer has been sent",
            wrong=("several tasks are worked on at the same time", "fewer tasks are lost when it dies"),
            why="With a credit of 1 it is idle while its answer travels, and while the next task does.",
            where="The way is longer than the work",
        ),
        Item(
            "Ann has a credit of 10, and ten tasks are with her. Ben comes, and has nothing to do. Who does the ten?",
            right="Ann, one after the other",
            wrong=("both: the broker takes five of them back", "Ben helps as soon as Ann is slow"),
            why="Nobody else can do what is with a worker, so a credit should cover the way and not more.",
            where="The way is longer than the work",
        ),
        Item(
            "A worker says ALIVE five times a second, and its task never ends. What finds that out?",
            right="a clock for the task, the busy deadline",
            wrong=("the broker's patience with silent workers", "a ZMTP heartbeat, which it does not answer"),
            why="A heartbeat says that a program lives, and not that its task will end.",
            where="ALIVE, and never done",
        ),
        Item(
            "A broker gives a task to the next worker when one does not finish it. Why should it stop at last?",
            right="the task itself may be what stops the workers",
            wrong=("the network would be flooded", "the client has long given up by then"),
            why="Without a retry limit, one such task stops one worker after another.",
            where="A task that kills",
        ),
        Item(
            "A broker drains. Two requests wait in it, and a third one comes. What becomes of them?",
            right="the two are done, and the third one is refused",
            wrong=("all three are done, and then it ends", "all three are refused, because it ends"),
            why="An accepted request is a promise, so the broker accepts nothing more and finishes what it has.",
            where="Closing time",
        ),
        Item(
            "A worker is killed with eight requests, and the broker gives them to others. "
            "Each of the 1000 is answered once. What may still have happened?",
            right="some requests were done twice",
            wrong=("some clients got the answer of others", "some requests were not done at all"),
            why="She may have done some of them before she died, so a task must stand being done twice.",
            where="Break it: kill -9 under load",
        ),
    ),
    "12": (
        Item(
            "A server has CURVE keys, and nobody has started an authenticator. Whom does it hear?",
            right="whoever knows its public key and has some pair of keys",
            wrong=("nobody, until a key is put on a list", "everybody, with keys or without them"),
            why="CURVE shows which key the other side has; only a ZAP handler says whether that key is welcome.",
            where="Strangers at the door",
        ),
        Item(
            "A client's key is not on the server's list. What does its program notice?",
            right="no reply comes, as if the server were away",
            wrong=("`connect` raises an error", "a message comes that says why it was refused"),
            why="The connection ends in the handshake, before any message, and only a monitor is told.",
            where="Strangers at the door",
        ),
        Item(
            "A client was refused. Then its key is put on the list. What lets it in?",
            right="a new socket that connects",
            wrong=("some patience: its socket tries again and again", "the next message that it sends"),
            why="A broken connection is made anew by itself, and one that the list refused is not.",
            where="Strangers at the door",
        ),
        Item(
            "A process forks, and the child sends by the socket of which it has a copy. Why does nothing leave?",
            right="the thread that empties the queue is in the parent alone",
            wrong=("two processes cannot have the same port", "a ROUTER refuses a second peer of the same name"),
            why="A fork copies one thread, and the I/O threads stay behind: make a Context in the child.",
            where="A process that forks",
        ),
        Item(
            "A server binds to `tcp://127.0.0.1:5555`, and clients of other hosts connect to its host's name. "
            "What comes of it?",
            right="nobody reaches it: by that address a host speaks to itself",
            wrong=("they reach it, because the port is the right one", "`bind` raises an error when one comes"),
            why="A socket is reached at the addresses to which it is bound: one of the host's, or * for all of them.",
            where="Another host",
        ),
        Item(
            "A broker may hold 20 MB of requests. Why does its process need room for more?",
            right="what libzmq has queued for it is in no budget of the broker's",
            wrong=(
                "a budget is looked at now and then, and not for each request",
                "a refused request is kept until its client has read BUSY",
            ),
            why="The broker counts what it has read; what lies unread in the sockets comes on top.",
            where="Memory is a budget",
        ),
        Item(
            "A worker is killed with a task in its hands. Why does an alarm on `errors` stay silent?",
            right="another worker does the task, and no request fails",
            wrong=("a task that is lost is answered with BUSY", "errors are counted by the clients alone"),
            why="Retries hide a cause: it is seen in `workers` and `lost_workers`, and by clients as a longer wait.",
            where="Break it: which number wakes you?",
        ),
    ),
    "13": (
        Item(
            "A broker has come through a run with kills and cut links, and lost nothing. What do you know?",
            right="it stood these faults, in this order",
            wrong=("it loses nothing, whatever happens to it", "each of its jobs was done once"),
            why="A run can show that a broker is wrong; two events that meet once in a thousand runs may still fail.",
            where="A car against a wall",
        ),
        Item(
            "Two workers crash with a job, one hangs for a while, and one is cut off for a while. The broker looks at "
            "no clock. How many jobs are lost?",
            right="two: those of the workers that crashed",
            wrong=(
                "four: each of the four workers had one",
                "none: a job goes back to the broker when its worker ends",
            ),
            why="A worker that hangs or is cut off answers in the end, while nobody remembers what the dead had.",
            where="The graded run",
        ),
        Item(
            "A client sent 60 requests, and workers finished 61 jobs. Is the broker wrong?",
            right="no: a job may be finished twice",
            wrong=("yes: somebody was answered twice", "yes: a request of another client was lost"),
            why="A worker that was taken for dead finished the job that somebody else had got meanwhile.",
            where="The graded run",
        ),
        Item(
            "Five requests wait at a broker, and it crashes. After its restart all five are answered. Who did it?",
            right="the client: it asked again",
            wrong=("the sockets: what had no answer is sent again", "the broker: it found its queue again"),
            why="What waits in the memory of a process is gone with it, and had left the client's socket long before.",
            where="Break it: the broker itself",
        ),
        Item(
            "Accepted jobs have to survive the loss of the broker's host. What do you do?",
            right="take a system that stores them on several hosts",
            wrong=("start a second broker at the same endpoint", "raise the high-water marks of the broker"),
            why="Every queue of ZeroMQ is memory; a replicated queue says accepted when several nodes have stored it.",
            where="Where to stop",
        ),
        Item(
            "A broker that was started again gets an answer with a token that it has never given out. What does it do?",
            right="it throws the answer away",
            wrong=("it asks the worker whose answer that is", "it passes it on to the client that waits the longest"),
            why="The token is that of an earlier broker, whose clients have asked again by now, or have given up.",
            where="Exercise: your own broker",
        ),
    ),
    "A": (
        Item(
            "While a cell runs, a client asks the kernel at `shell` and at `control`. Who answers at once?",
            right="`control` alone: another thread reads it",
            wrong=(
                "both: they are sockets of one process",
                "neither: the kernel is busy with the cell",
            ),
            why="What comes to `shell` has arrived as well, but waits unread until the thread that runs cells is free.",
            where="Ask at two windows",
        ),
        Item(
            "A page of a notebook is reloaded, and its server connects again under the same routing id. Why does the "
            "kernel hear it?",
            right="its ROUTER gives a name to whoever comes last",
            wrong=(
                "a ROUTER tells two peers of one name apart",
                "the old connection has ended by then, so that the name is free",
            ),
            why="The kernel sets ROUTER_HANDOVER; without it, the newcomer would never be heard.",
            where="Break it: two clients with one name",
        ),
    ),
    "B": (
        Item(
            "Three replies wait in a ZeroMQ socket, and the event loop says once that it can be read. What do you do?",
            right="receive until `events` says that nothing is left",
            wrong=(
                "receive one, and wait until the loop says so again",
                "receive three, because the loop has counted them",
            ),
            why="The descriptor tells once that something has changed, and not that messages are there.",
            where="A bell in the parcel room",
        ),
        Item(
            "A program watches the descriptor of a ZeroMQ socket. Why does it look for messages after each `send` too?",
            right="`send` may use up the news that a reply has come",
            wrong=(
                "the reply is there as soon as `send` returns",
                "`send` closes the descriptor, and opens a new one",
            ),
            why="libzmq reads the same descriptor when it sends, and what it has read rings no second time.",
            where="A bell in the parcel room",
        ),
    ),
}
"""Key of a lesson -> what is asked about it."""
