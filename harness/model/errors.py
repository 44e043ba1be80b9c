"""The ways in which something can be wrong, and whose fault each is.

Owns the exception classes. Knows nothing else of the house, so every module may import it.

`BadInput` is the caller's fault (a flag, a file), `PluginFault` is a plugin's, `ProcessLost` is the machine's (or that
of a plugin that ends its process), `Refused` is nobody's: a plugin's documented "no". Anything else that escapes is a
bug in Crosslayer.
"""


class CrosslayerError(Exception):
    """The root of the harness's own errors; its text is one clear line."""


class BadInput(CrosslayerError):
    """Something a person handed in cannot be used.

    `place` is a file, a line of a file, or a flag; `reason` says what is wrong there and what to do.
    """

    def __init__(self, place: str, reason: str) -> None:
        self.place = place
        self.reason = " ".join(reason.split())
        super().__init__(f"{self.place}: {self.reason}")


class PluginFault(CrosslayerError):
    """A plugin or agent raised, answered nonsense, mutated its arguments or did not return.

    The kernel catches it and ends the run with a `fault` event; it never escapes a run.
    """

    def __init__(self, part: str, agent: str, operation: str, reason: str) -> None:
        self.part = part
        self.agent = agent
        self.operation = operation
        self.reason = " ".join(reason.split())
        super().__init__(f"{part} plugin of {agent}: {operation}: {self.reason}")


class ProcessLost(CrosslayerError):
    """A process that shared the work of a search is gone, and with it what it was doing."""

    def __init__(self) -> None:
        super().__init__(
            "a process that shared the work was killed or ended itself; if memory is short, try fewer --jobs"
        )


class Refused(Exception):
    """A plugin's documented no: an overdrawn account, a replayed or malformed message."""
