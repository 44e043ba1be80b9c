"""What a program must not do in a run: real sockets, threads, processes. Python itself reports the attempt.

Owns the audit hook and the line that names the place in the program's code. Knows nothing of loops.
"""

import sys
import sysconfig
from functools import cache
from pathlib import Path
from types import FrameType, TracebackType

from crosslayer.harness.programs.sources import NOW, place_of

REFUSED = {
    "socket.connect": "connects a real socket; only asyncio's streams and transports lead through the world",
    "socket.bind": "binds a real socket; only asyncio's servers stand in the world",
    "socket.sendto": "sends on a real socket; only asyncio's transports lead through the world",
    "socket.sendmsg": "sends on a real socket; only asyncio's transports lead through the world",
    "socket.getaddrinfo": "asks the real DNS; `await loop.getaddrinfo(…)` asks that of the world",
    "socket.gethostbyname": "asks the real DNS; `await loop.getaddrinfo(…)` asks that of the world",
    "subprocess.Popen": "starts a process",
    "os.fork": "starts a process",
    "os.forkpty": "starts a process",
    "os.posix_spawn": "starts a process",
    "os.exec": "becomes another process",
    "os.system": "starts a process",
    "os.kill": "sends a signal",
}
"""What is refused, by the name of Python's audit event, and what is said of it."""


def _hook(event: str, _args: object) -> None:
    turn = NOW.turn
    if turn is not None and event in REFUSED:
        raise turn.escape(REFUSED[event])


@cache
def watch() -> None:
    """From now on, what is refused is noticed, in turns only. A hook cannot be taken off again, so there is one."""
    sys.addaudithook(_hook)


@cache
def _foreign_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    return tuple(dict.fromkeys(paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")))


_ENGINE = str(Path(__file__).parent.parent)
_EXAMPLES = str(Path(_ENGINE) / "systems")


def is_own(file: str) -> bool:
    """Whether a file is the program's own code: neither Python's, nor a library's, nor the engine's."""
    if file.startswith(_ENGINE):
        return file.startswith(_EXAMPLES)
    return not file.startswith(("<frozen", *_foreign_folders()))


def here() -> str:
    """The innermost place in the program's own code that led here; in a library's, if there is none; or empty."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the documented way to the stack
    innermost = ""
    while frame is not None:
        file = frame.f_code.co_filename
        if file.endswith("harness/kernel/world.py"):
            break  # what led to this turn is no part of the program
        if is_own(file):
            return place_of(file, frame.f_lineno)
        if not innermost and not file.startswith(_ENGINE):
            innermost = place_of(file, frame.f_lineno)
        frame = frame.f_back
    return innermost


def raised_at(error: BaseException) -> str:
    """The innermost place in the program's own code through which an exception came, or where it was raised."""
    trace: TracebackType | None = error.__traceback__
    found = last = ""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        last = place_of(file, trace.tb_lineno)
        if is_own(file):
            found = last
        trace = trace.tb_next
    return found or last
