"""The page for who teaches with these lessons: made from the lessons, their exercises, and the notes in here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from tests.notebooks import exercises, markdown
from tests.notebooks.asked import Asked, predictions
from tests.notebooks.paths import NOTEBOOKS, lessons, number
from tests.notebooks.run import read

PAGE = NOTEBOOKS / "teaching.md"

HEAD = """# Teaching with these lessons

For instructors. Made by `python -m tests.notebooks map`, from the lessons and `tests/notebooks/instructors.py`.

## How a lesson works in a class

1. **Open with the failure.** Read the quote aloud, and ask who has seen something like it. Two minutes, no
   explanation.
2. **Recall.** Everybody answers the three questions alone. What many have missed is the first thing to talk
   about.
3. **Draw before you run.** Show the drawing, and let somebody say in words what it shows, and where the
   comparison ends.
4. **Predict alone, then in pairs, then run.** Let everybody choose and write half a sentence behind *because*.
   Then they compare with a neighbour, and may change their mind before they lock. Only then somebody runs the
   cell. When most are right at once, go on; when the room is divided, the two minutes of argument are the
   lesson. The wrong choices below are what learners think; ask for the thought, never for the name.
5. **Change one line.** Let them say what they expect before they run it. Who is early breaks something on
   purpose, and tells the others.
6. **The exercise** is done in its steps. `check` says which scenarios pass; `hint` is better than a word from
   you, `solution` better than a long evening.

A lesson fits into an hour with its discussion; the exercises of 05, 09 and 13 are homework. Half a day each: 00
to 03, 04 to 06, 07 to 10, 11 to 13.

## What you need

Each learner needs a kernel of their own: their own machine, Binder for a taster (it forgets everything, and ends
idle sessions), or a JupyterHub for a class. [A class on one machine](../docs/teaching.md) says how to set that up,
how much memory it needs, and how you see how far your learners have come. Nothing is fetched at run time. Without a
kernel the lessons can be read: answers are folded, pictures are saved.

"""


class Notes(NamedTuple):
    """What no lesson says itself: the one idea, and questions to discuss."""

    idea: str
    discuss: tuple[str, ...]


NOTES = {
    "00": Notes(
        "`send` is not delivery.",
        (
            "Where can a message be lost after `send` has returned? Who would know?",
            "Which of your own programs believe that sent means received?",
        ),
    ),
    "01": Notes(
        "ROUTER names its peers.",
        (
            "A web server does not know its clients by name either. How does its answer find the way?",
            "Why is an id that comes again after a restart worse than one that is simply new?",
        ),
    ),
    "02": Notes(
        "Giving up is a decision, and the program has to make it.",
        (
            "How long should a client wait? Who knows that: the client, the server, or the person at the screen?",
            "When is it right to ask again, and when is it dangerous?",
        ),
    ),
    "03": Notes(
        "Each hop adds, and each hop takes.",
        (
            "What would happen if a hop took one frame too few?",
            "Where else do you know envelopes in envelopes? (Mail headers, IP in TCP, function calls.)",
        ),
    ),
    "04": Notes(
        "A window keeps the road full without flooding the far end.",
        (
            "Why does a larger window stop to help? What does it cost beyond that point?",
            "Where does the work wait, if not at the client?",
        ),
    ),
    "05": Notes(
        "A reply is matched by what it says, not by when it comes.",
        (
            "Which ids does your own system have: of an operation, of an attempt, of a person? Which is which?",
            "What does a server need to know to recognise a repeated request, and for how long?",
        ),
    ),
    "06": Notes(
        "DEALER deals, ROUTER obeys.",
        (
            "Round-robin is fair. Fair to whom?",
            "Which of your load balancers knows who is free?",
        ),
    ),
    "07": Notes(
        "The program picks the worker, because no socket knows who is free.",
        (
            "What does the broker believe that may be false by now?",
            "Where should work wait: with the client, in the broker, or with the worker?",
        ),
    ),
    "08": Notes(
        "When there is no more room, somebody waits or something is dropped: choose which.",
        (
            "Is it better to say BUSY early, or to answer late?",
            "What is the memory budget of your own queues, in bytes?",
        ),
    ),
    "09": Notes(
        "Silence is ambiguous.",
        (
            "Which is worse for your system: to kill somebody who lives, or to wait for somebody who is dead?",
            "Which of your operations may be done twice?",
        ),
    ),
    "10": Notes(
        "An id names a connection, and not a program.",
        (
            "Where in your systems is a name on its way that somebody else may have by the time it arrives? "
            "(Process ids, IP addresses, seats, telephone numbers.)",
            "Who may take a name in your system, and who would notice?",
        ),
    ),
    "11": Notes(
        "Each rule of a full broker answers a failure.",
        (
            "Which of the five rules would you leave out first? What happens then, and who notices?",
            "Which systems of yours have no deadline for a task that hangs, or no limit for one that kills?",
            "What is the difference between a broker that is told to end and one that is killed, for a client?",
        ),
    ),
    "12": Notes(
        "The program stays as it is, and the rules around it change.",
        (
            "Who could connect to your own services today? How do you know?",
            "Which number of your system has woken somebody who could do nothing?",
            "What would have to be true for you to take another tool than ZeroMQ?",
        ),
    ),
    "13": Notes(
        "Trust a promise only as far as somebody has tried to break it.",
        (
            "Which fault has the graded run not tried, and how would you try it?",
            "Your broker has passed a hundred runs. What do you write into its README, and what not?",
            "When would you not build this yourself?",
        ),
    ),
}


def page() -> str:
    """All of it, in the order of the course."""
    return HEAD + "\n".join(_lesson(path) for path in lessons() if number(path) in NOTES)


def _lesson(path: Path) -> str:
    notebook = read(path)
    notes = NOTES[number(path)]
    text = markdown.markdown_of(notebook)
    time = re.search(r"\*\*Time:\*\* (.*?)(?: \*\*|$)", text, re.MULTILINE)
    lines = [
        f"## {number(path)}: {markdown.headings(text)[0].text}\n",
        f"**The one idea:** {notes.idea} **Time:** {time[1] if time else ''}\n",
        "### What they will predict\n",
        *(_prediction(asked) for asked in predictions(notebook)),
        *(_exercise(exercise.key) for exercise in exercises.of_lesson(path.stem)),
        "### To discuss\n",
        *(f"- {question}" for question in notes.discuss),
    ]
    return "\n".join(lines) + "\n"


def _prediction(asked: Asked) -> str:
    others = [f"  - *{choice}*: {reason}" for choice, reason in asked.choices.items() if choice != asked.right]
    right = asked.choices.get(asked.right, "")
    return "\n".join([f"- {asked.question} **{asked.right}**: {right}", *others]) + "\n"


def _exercise(key: str) -> str:
    exercise = exercises.load(key)
    assert exercise is not None
    ways = [f"- *{title}*: {why_not}" for title, why_not in exercise.wrong_ways.items()]
    return "\n".join([f"### Exercise {key}: what goes wrong\n", *ways]) + "\n"
