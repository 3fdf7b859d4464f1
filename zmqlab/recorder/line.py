"""The command line: what it takes, and what it says of mistakes."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from ..trace.reading import Decode
from ..view.summary import Summary
from . import command, decoding, gather, outputs

PAGE = "run.html"
OUTPUT = ("-o", "--output")
VALUED = (*OUTPUT, "--last", "--max-size", "--decode")  # options of `record` that the next word belongs to
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}

COURSE = {
    "learn": "open the course in JupyterLab: your copy of the lessons",
    "progress": "say what is solved and predicted: by you, or by a class",
}
"""The commands that `zmqlab.__main__` hands to the course: who asks for help, or mistypes one, is told of all."""

RECORD = """
  python -m zmqlab record server.py --port 5555
  python -m zmqlab record -o run.html -o run.jsonl -m mypackage.server
"""


def main(arguments: Sequence[str]) -> int:
    """Do what the words say; the exit status."""
    ours = parser()
    program: Sequence[str] = ()
    if arguments[:1] == ["record"]:
        own, program = split(arguments[1:])
        arguments = ["record", *own]
    options = ours.parse_args(arguments)
    if not options.command:
        ours.print_help()
        return 0
    try:
        if options.command == "record":
            return _record(options, program)
        return int(options.do(options))
    except (command.Refused, ValueError, OSError) as error:
        print(f"zmqlab: {error}", file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    """What it takes; of `record` what stands before the program."""
    parser = argparse.ArgumentParser(
        prog="python -m zmqlab",
        description="See where every ZeroMQ message is.",
        epilog="Without a command it opens the course.",
    )
    commands = parser.add_subparsers(dest="command", metavar="command")
    for name, what in COURSE.items():
        commands.add_parser(name, help=what)
    kinds = ", ".join(outputs.OUTPUTS)
    output = {"metavar": "FILE", "action": "append", "type": Path, "default": []}
    record = commands.add_parser(
        "record",
        help="run a program of yours, and its children, and see what they sent",
        usage="python -m zmqlab record [-o FILE] [--last SECONDS] [--max-size SIZE] [--no-links] "
        "[--decode MODULE:FUNCTION] (script.py | -m module | -c code) …",
        epilog=f"examples:{RECORD}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    record.add_argument("-o", "--output", help=f"what to write: {kinds}; may be given again ({PAGE})", **output)  # type: ignore[arg-type]
    record.add_argument("--last", metavar="SECONDS", type=_seconds, help="of a long run, keep only this last part")
    record.add_argument("--max-size", metavar="SIZE", type=_size, help="keep at most so much of each process: 500M, 2G")
    record.add_argument(
        "--no-links", dest="links", action="store_false", help="leave TCP alone: the wire is not seen, only both ends"
    )
    decode = {"metavar": "MODULE:FUNCTION", "default": "", "help": "says what is in the frames that it is given"}
    record.add_argument("--decode", **decode)  # type: ignore[arg-type]
    merge = commands.add_parser("merge", help="put together what several processes, or hosts, have recorded")
    merge.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a .jsonl, or the folder of a killed run")
    merge.add_argument("-o", "--output", help=f"what to write: {kinds}; may be given again ({PAGE})", **output)  # type: ignore[arg-type]
    merge.add_argument("--title", default="", help="what the page is called (its file's name)")
    merge.add_argument("--decode", **decode)  # type: ignore[arg-type]
    merge.set_defaults(do=_merge)
    summary = commands.add_parser("summary", help="what each socket sent, received and lost, and how long it took")
    summary.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a .jsonl, or the folder of a killed run")
    summary.set_defaults(do=_summary)
    return parser


def split(words: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """What is ours, and the program: from the first word on that is no option of ours."""
    n = 0
    while n < len(words) and words[n].startswith("-") and words[n] not in ("-m", "-c", "--"):
        n += 2 if words[n] in VALUED else 1
    return words[:n], words[n + 1 :] if words[n : n + 1] == ["--"] else words[n:]


def _record(options: argparse.Namespace, program: Sequence[str]) -> int:
    if not program:
        raise command.Refused("record wants a program: python -m zmqlab record script.py, or -m module")
    paths = [outputs.check(path) for path in options.output or [Path(PAGE)]]
    if not options.output:
        gather.say(_misplaced(program))
    return command.record(program, paths, options.links, options.last, options.max_size, options.decode)


def _misplaced(program: Sequence[str]) -> list[str]:
    """A word on an output that stands behind the program, where nobody may have meant it for the program."""
    pairs = [f"{option} {value}" for option, value in pairwise(program) if option in OUTPUT and _is_recording(value)]
    return [f"{each} stands after the program, so the program gets it; the recording is {PAGE}" for each in pairs]


def _is_recording(name: str) -> bool:
    return Path(name).suffix in outputs.OUTPUTS


def _merge(options: argparse.Namespace) -> int:
    paths = [outputs.check(path) for path in options.output or [Path(PAGE)]]
    trace = gather.put(gather.found(options.files), paths, options.title or paths[0].stem, _decode(options.decode))
    gather.say(gather.told(trace, paths))
    return 0


def _decode(name: str) -> Decode | None:
    if not name:
        return None
    decoding.check(name, Path.cwd())
    return decoding.load(name, Path.cwd())


def _summary(options: argparse.Namespace) -> int:
    trace = gather.whole(gather.found(options.files))
    gather.say(trace.log.remarks)
    print(Summary(trace))
    return 0


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"a number of seconds above 0, not {text}")
    return seconds


def _size(text: str) -> int:
    found = re.fullmatch(r"(\d+)([KMG]?)B?", text.upper())
    if found is None or not int(found[1]):
        raise argparse.ArgumentTypeError(f"a number of bytes such as 500M or 2G, not {text}")
    return int(found[1]) * UNITS[found[2]]
