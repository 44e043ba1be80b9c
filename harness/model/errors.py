"""The ways in which something can be wrong, and whose fault each is.

Owns the exception classes, and how the text of a stranger becomes part of one clear line. Knows nothing else of the
code base, so every module may import it.

`BadInput` is the caller's fault (a flag, a file), `PluginFault` is a plugin's, `ProcessLost` is the machine's (or that
of a plugin that ends its process), `OutputLost` is that of a disk or a pipe, `Refused` is no fault: a plugin's
documented "no". Anything else that escapes is a bug in Crosslayer.
"""

from typing import Any

PLACE_BOUND = 300
"""Characters of a place (a flag, a path) in a message."""

REASON_BOUND = 600
"""Characters of a reason in a message."""


def plain(text: str) -> str:
    """The text with an escape in place of every character that a terminal would act upon or could not show."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def shortened(text: str, bound: int) -> str:
    """The text, without its middle if it is longer than `bound`."""
    if len(text) <= bound:
        return text
    half = (bound - 1) // 2
    return f"{text[: bound - 1 - half]}…{text[-half:]}"


class CrosslayerError(Exception):
    """The root of the harness's own errors; its text is one clear line."""


class BadInput(CrosslayerError):
    """Something a person handed in cannot be used.

    `place` is a file, a line of a file, or a flag; `reason` says what is wrong there and what to do.
    """

    def __init__(self, place: str, reason: str) -> None:
        self.place = shortened(place, PLACE_BOUND)
        self.reason = shortened(" ".join(reason.split()), REASON_BOUND)
        super().__init__(f"{self.place}: {self.reason}")

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (self.place, self.reason)


class NotInstalled(BadInput):
    """What was asked for ships, and needs a library that is not there."""


class PluginFault(CrosslayerError):
    """A plugin or agent raised, answered nonsense, mutated its arguments or did not return.

    The kernel catches it and ends the run with a `fault` event; it never escapes a run. It is `endless` if the run
    would not have ended by itself: then it took seconds, and so will the next such run. `place` is the file, line and
    function where it was raised, for a person to look at; empty if nothing was raised. It is no part of a trace.
    """

    def __init__(self, part: str, agent: str, operation: str, reason: str, *, endless: bool = False) -> None:
        self.endless = endless
        self.place = ""
        self.part = part
        self.agent = agent
        self.operation = operation
        self.reason = shortened(" ".join(reason.split()), REASON_BOUND)
        super().__init__(self.told())

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.part, self.agent, self.operation, self.reason), vars(self)

    def told(self) -> str:
        """The whole text."""
        whose = f" of {self.agent}" if self.agent else ""
        return f"{self.part} plugin{whose}: {self.operation}: {self.reason}"


class PropertyFault(PluginFault):
    """A property's monitor raised: its `agent` is the property's name, its `operation` what the monitor was shown."""

    def __init__(self, name: str, shown: str, reason: str) -> None:
        super().__init__("property", name, shown, reason)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.agent, self.operation, self.reason)

    def told(self) -> str:
        """The whole text."""
        return f"property {self.agent}: {self.operation}: {self.reason}"


class ProbeError(BadInput):
    """A probe's test raised. Nothing that ran is at fault, so it ends the whole search."""


class ProcessLost(CrosslayerError):
    """A process that did the work, or shared it, is gone, and with it what it was doing. `where` is what that was."""

    def __init__(self, how: str = "", where: str = "") -> None:
        self.how = how
        self.where = where
        told = how or "a process that shared the work was killed or ended itself"
        advice = "" if where or how else "; if memory is short, try fewer --jobs"
        super().__init__(f"plugin fault: {where}: {told}" if where else f"process lost: {told}{advice}")

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (self.how, self.where)


class OutputLost(CrosslayerError):
    """What was to be written cannot be: the disk is full, or broken. The work itself is done."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{shortened(place, PLACE_BOUND)}: cannot be written: {reason}")


class Terminated(KeyboardInterrupt):
    """The process was asked to end (SIGTERM, SIGHUP): an interrupt like Ctrl-C, but for its exit status."""


class Refused(Exception):
    """A plugin's documented no: an overdrawn account, a replayed or malformed message."""
