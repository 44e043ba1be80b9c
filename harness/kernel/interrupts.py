"""Whether an interrupt is a person's: a plugin can raise `KeyboardInterrupt`, too.

Owns the note that SIGINT or SIGTERM really came. Knows nothing of what is done about it.
"""

import signal
import threading
from types import FrameType
from typing import Any

from crosslayer.harness.model.errors import ProbeError, Terminated

_came: list[int] = []
"""The signals that came since the present watch began. They are the process's, so there is one list of them."""


def is_real(error: BaseException) -> bool:
    """Whether nothing in a run may hold this up: an interrupt from outside of the process, or a fault of the search."""
    return isinstance(error, Terminated | ProbeError) or (isinstance(error, KeyboardInterrupt) and bool(_came))


def watch() -> Any:
    """Note that SIGINT comes, beside whatever else is done about it; what to hand to `unwatch`, or None."""
    if threading.current_thread() is not threading.main_thread():
        return None
    before = signal.getsignal(signal.SIGINT)
    if not callable(before):
        return None
    _came.clear()

    def note(number: int, frame: FrameType | None) -> None:
        _came.append(number)
        before(number, frame)

    signal.signal(signal.SIGINT, note)
    return before


def unwatch(before: Any) -> None:
    """End what `watch` began."""
    if before is not None:
        signal.signal(signal.SIGINT, before)
