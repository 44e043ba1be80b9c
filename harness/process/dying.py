"""Children die with their parent, whatever kills it.

Owns the ways to notice that a parent is gone. Knows nothing of what a child does.
"""

import ctypes
import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from crosslayer.harness.kernel import pulse

_PR_SET_PDEATHSIG = 1
BEAT_SECONDS = 0.25
"""Between two looks at the pulse of this process."""


def die_with_thread() -> None:
    """Where there is Linux: be killed when the thread that started this process ends, even if it is killed itself."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def watch(handle: int, die: Callable[[], None]) -> None:
    """In a thread: call `die` once `handle` can be read, which is when its other end is closed; until then, beat.

    Each beat shows whether this process has got on since the last one.
    """

    def watching() -> None:
        poll = select.poll()
        poll.register(handle, select.POLLIN | select.POLLHUP)
        before = pulse.state()
        while True:
            if poll.poll(BEAT_SECONDS * 1000):
                die()
                return
            now, crumb = pulse.state(), pulse.crumb()
            if now != before and crumb is not None:
                before = now
                crumb.beat()

    threading.Thread(target=watching, name="crosslayer-watch", daemon=True).start()


def kill_group() -> None:
    """Kill this process, and all that it has started and left in its group."""
    os.killpg(0, signal.SIGKILL)
