"""How a command ends: whatever happens in it becomes one clear line and a documented exit status.

Owns the translation of exceptions and signals into statuses. Knows nothing of what a command does.
"""

import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click
from attrs import frozen

from crosslayer.harness.explain import report
from crosslayer.harness.kernel import foreign
from crosslayer.harness.model.errors import BadInput, OutputLost, PluginFault, ProcessLost, Terminated, shortened
from crosslayer.harness.process import crash, output
from crosslayer.harness.process.output import tell

NUMBERS = frozenset(one.number for one in report.STATUSES)


@frozen
class Ending:
    """An exit status; and for a crash of ours, all that is to be known of it."""

    status: int
    crash: str = ""


def concluded(do: Callable[[], Any], words: Sequence[str]) -> Ending:
    """Do it, and say what is to be said of how it ended."""
    try:
        with _terminable(), foreign.opened() as visit:
            ending = _concluded(do, words)
    except KeyboardInterrupt as error:  # one that came while the last words were said
        return Ending(report.EXIT_TERMINATED if isinstance(error, Terminated) else report.EXIT_INTERRUPTED)
    bent = visit.bent() if ending.crash else visit.replaced()
    if bent:
        tell(f"crosslayer: plugin fault: {' or '.join(visit.names)} replaced {bent}; no verdict can be trusted")
        return Ending(report.EXIT_FAULT)
    return ending


def _concluded(do: Callable[[], Any], words: Sequence[str]) -> Ending:
    try:
        status = do()
    except click.exceptions.Exit as leaving:
        return Ending(leaving.exit_code)
    except BaseException as error:  # noqa: BLE001 - whatever it is, nobody is shown a traceback
        return _ending_of(error, words)
    if status is not None and (type(status) is not int or status not in NUMBERS):
        return Ending(report.EXIT_CRASH, f"A command answered {status!r}, which is no exit status.\n{list(words)}")
    return Ending(status or report.EXIT_HOLDS)


STATUS_OF: Mapping[type[BaseException], int] = {
    BadInput: report.EXIT_BAD_INPUT,
    PluginFault: report.EXIT_FAULT,
    ProcessLost: report.EXIT_FAULT,
    OutputLost: report.EXIT_OUTPUT,
}
"""Errors whose text is one clear line."""


def _ending_of(error: BaseException, words: Sequence[str]) -> Ending:
    """What an exception amounts to; what is to be said of it is told."""
    for kind, status in STATUS_OF.items():
        if isinstance(error, kind):
            tell(f"crosslayer: {'plugin fault: ' if kind is PluginFault else ''}{error}")
            return Ending(status)
    match error:
        case KeyboardInterrupt() | click.Abort():
            tell("crosslayer: interrupted; there is nothing to say yet")
            return Ending(report.EXIT_TERMINATED if isinstance(error, Terminated) else report.EXIT_INTERRUPTED)
        case click.ClickException():
            _tell_usage(error)
            return Ending(report.EXIT_BAD_INPUT)
        case OSError() if _is_help(error):
            return _help_lost(error)
    return Ending(report.EXIT_CRASH, str(error) if isinstance(error, crash.Crashed) else crash.details(error, words))


def ended(ending: Ending) -> int:
    """The exit status of this process, once everything has been said; a crash is written down, lost output told."""
    status = ending.status
    if ending.crash:
        file = crash.write(ending.crash)
        last = shortened(ending.crash.rstrip().rpartition("\n")[2], 200)
        told = f"please report it, with {file}" if file else "and the report on it cannot be written anywhere"
        tell(f"crosslayer: Crosslayer itself crashed: {last}; {told}")
        status = report.EXIT_CRASH
    lost = output.present().lost
    if lost:
        tell(f"crosslayer: standard output cannot be written: {lost}; what it should have said is lost")
        status = report.EXIT_OUTPUT
    return status


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM and SIGHUP are interrupts, like SIGINT, for as long as this context is open."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {}
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            before[number] = signal.signal(number, _terminate)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise Terminated


def _tell_usage(error: click.ClickException) -> None:
    """What is wrong with the words of a command line, and how they should be."""
    context = getattr(error, "ctx", None)
    if context is not None and type(error).__name__ == "NoArgsIsHelpError":  # a class that older versions have not
        tell(context.get_help())
        return
    if context is not None:
        tell(context.get_usage())
        tell(f"Try '{context.command_path} --help' for help.\n")
    tell(f"Error: {shortened(error.format_message().expandtabs(4), 600)}")


def _is_help(error: OSError) -> bool:
    """Whether it was click that printed: a help page or a version."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_globals.get("__name__") == "click.utils" for frame, _ in frames)


def _help_lost(error: OSError) -> Ending:
    output.silence(sys.stdout)
    if isinstance(error, BrokenPipeError):
        return Ending(report.EXIT_HOLDS)
    tell(f"crosslayer: standard output cannot be written: {error.strerror}")
    return Ending(report.EXIT_OUTPUT)
