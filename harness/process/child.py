"""The child: the process in which code of strangers runs, on behalf of a parent that prints and answers.

Owns the child's side: jobs come in by one pipe, text and answers go out by another, and standard output and standard
error belong to the plugins. Knows nothing of what a job is: it names a function of ours, from a value to a value.
"""

import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

from crosslayer.harness.kernel import foreign, pulse
from crosslayer.harness.process import dying, messages, output
from crosslayer.harness.process.messages import ANSWER, ERR, JOB, OUT, Receiver, Sender


class _Framed:
    """The output of a child: text travels to the parent, which prints it."""

    def __init__(self, sender: Sender, width: int | None) -> None:
        self.lost = ""
        self._sender = sender
        self._width = width

    def out(self, text: str) -> None:
        """See `Output`."""
        self._send(OUT, text)

    def err(self, text: str) -> None:
        """See `Output`."""
        self._send(ERR, text)

    def width(self) -> int | None:
        """See `Output`."""
        return self._width

    def _send(self, kind: bytes, text: str) -> None:
        pulse.tick()
        self._sender.send(kind, text.encode(errors="surrogatepass"))


def serve(setup: dict[str, Any]) -> None:
    """Do jobs until there are no more, and end at once: what plugins have left running is not waited for."""
    dying.die_with_thread()
    foreign.bound_recursion()
    dying.watch(setup["life"], dying.kill_group)
    sender = Sender(setup["answers"])
    os.register_at_fork(after_in_child=lambda: os.close(setup["answers"]))  # a copy of this process answers nothing
    if setup["crumb"] is not None:
        pulse.leave_crumbs(pulse.Crumb(setup["crumb"]))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    status = 0
    try:
        with output.printing(_Framed(sender, setup["width"])):
            _serve(setup["jobs"], sender)
    except BaseException:  # noqa: BLE001 - whatever it is, the parent sees that there was no answer
        status = 1
    finally:
        os._exit(status)


def _serve(handle: int, sender: Sender) -> None:
    receiver = Receiver()
    while data := os.read(handle, 1 << 16):
        for kind, content in receiver.feed(data):
            if kind == JOB:
                job = messages.loads(content)
                module, _, name = job["do"].partition(":")
                answer = getattr(import_module(module), name)(job["value"])
                for stream in (sys.__stdout__, sys.__stderr__):
                    with suppress(Exception):
                        stream.flush()  # type: ignore[union-attr]
                sender.send_json(ANSWER, answer)
