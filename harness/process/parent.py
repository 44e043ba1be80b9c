"""The parent's side of a child: starting it, handing it jobs, printing what it says, and never waiting without end.

Owns the life of one child. Only a complete answer counts: whatever else ends the child, or keeps it from getting on, is
`ProcessLost`, with the place where it was as far as its crumb shows it. Knows nothing of what a job is.
"""

import json
import os
import select
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from crosslayer.harness.kernel import pulse
from crosslayer.harness.model.errors import ProcessLost, Terminated
from crosslayer.harness.process import output
from crosslayer.harness.process.messages import ANSWER, ERR, JOB, OUT, Garbled, Receiver, Sender

STALL_SECONDS = 60.0
"""Seconds on the wall without any progress, after which a child is given up."""

HURRIED_SECONDS = 10.0
"""The same once it was told to end."""

START_SECONDS = 60.0
"""The same until the first line of foreign code: what is slow until then is a slow machine."""

NOISE_BOUND = 1 << 13
"""Bytes of what plugins print that are shown."""

_LOOK_SECONDS = 0.1
_GRACE_SECONDS = 0.3

_START = (
    "import json, os, sys\n"
    "with os.fdopen(int(sys.argv[1]), 'rb') as given: setup = json.load(given)\n"
    "sys.path[:] = setup['path']\n"
    "del sys.argv[1:]\n"
    "from crosslayer.harness.process.child import serve\n"
    "serve(setup)\n"
)
"""The child's program. Its import path is the parent's, and nothing is imported before it is set."""


class Child:
    """A child process. It is started with its first job, and does one job after another until `close`."""

    def __init__(self, stall_seconds: float = STALL_SECONDS) -> None:
        self._stall_seconds = stall_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._crumb: pulse.Crumb | None = None
        self._pipes: list[int] = []
        self._noise = _Noise()
        self._receiver = Receiver()
        self._came: list[int] = []

    def ask(self, do: str, value: Any) -> Any:
        """What the function `module:name` of ours answers to this JSON value, in the child.

        `ProcessLost` if the child ends without an answer or makes no progress; it is gone then, and the next job starts
        another one. SIGINT and SIGTERM are handed on to the child, which knows what to save; the third ends it.
        """
        process = self._process or self._start()
        try:
            with self._handing_on(process):
                Sender(self._jobs).send_json(JOB, {"do": do, "value": value})
                return self._answer(process)
        except BrokenPipeError:
            raise self._lost(process) from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the child, if there is one, and all that it has started."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()  # its workers see that, and end themselves; so does what tidies up after them
        process.wait()
        deadline = time.monotonic() + _GRACE_SECONDS
        while time.monotonic() < deadline:
            try:
                os.killpg(process.pid, 0)
            except (ProcessLookupError, PermissionError):
                break
            select.select((), (), (), _LOOK_SECONDS / 10)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        for handle in self._pipes:
            with suppress(OSError):
                os.close(handle)
        self._pipes = []
        self._noise.end()

    def _start(self) -> subprocess.Popen[bytes]:
        given, giving = os.pipe()
        jobs, self._jobs = os.pipe()
        life, alive = os.pipe()
        self._answers, answers = os.pipe()
        self._prints, prints = os.pipe()
        crumb = _crumb_file()
        theirs = [given, jobs, life, answers, *([crumb] if crumb is not None else [])]
        try:
            process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, *_interpreter_flags(), "-P", "-c", _START, str(given)],
                stdin=subprocess.DEVNULL,
                stdout=prints,
                stderr=prints,
                pass_fds=theirs,
                start_new_session=True,
            )
        except OSError as error:
            raise ProcessLost(f"no process could be started: {error.strerror}") from error
        finally:
            for handle in (*theirs[:4], prints):
                os.close(handle)
        setup = {
            "path": [one or str(Path.cwd()) for one in sys.path],
            "jobs": jobs,
            "life": life,
            "answers": answers,
            "crumb": crumb,
            "width": output.present().width(),
            "page": output.present().page(),
        }
        with suppress(BrokenPipeError), os.fdopen(giving, "wb") as file:
            file.write(json.dumps(setup).encode())
        if crumb is not None:
            self._crumb = pulse.Crumb(crumb)
            os.close(crumb)
        for handle in (self._answers, self._prints):
            os.set_blocking(handle, False)
        self._pipes = [self._jobs, alive, self._answers, self._prints]
        self._receiver, self._noise, self._came = Receiver(), _Noise(), []
        self._process = process
        return process

    def _answer(self, process: subprocess.Popen[bytes]) -> Any:
        """Print what the child says until it answers."""
        with selectors.DefaultSelector() as selector:
            for handle in (self._answers, self._prints):
                selector.register(handle, selectors.EVENT_READ)
            silent, before, looked, begun = 0.0, -1, time.monotonic(), False
            while True:
                ended = process.poll() is not None
                ready = [key.fd for key, _ in selector.select(0 if ended else _LOOK_SECONDS)]
                for handle in ready:
                    data = _read(handle)
                    if data is None:
                        continue
                    if not data:
                        selector.unregister(handle)
                    elif handle == self._prints:
                        self._noise.hear(data)
                    else:
                        answers = list(self._messages(data))
                        if answers:
                            self._hear_out()
                            return json.loads(answers[0])
                if ended and not ready:
                    raise self._lost(process)
                now = time.monotonic()
                beats = self._crumb.beats() if self._crumb is not None else 0
                got_on = beats != before or self._answers in ready
                # one long wait is not the child's: this process may have been stopped, or the machine asleep
                silent = 0.0 if got_on else silent + min(now - looked, 3 * _LOOK_SECONDS)
                before, looked = beats, now
                begun = begun or self._crumb is None or self._crumb.place().call is not None
                bound = self._stall_seconds if begun else max(self._stall_seconds, START_SECONDS)
                bound = min(bound, HURRIED_SECONDS) if self._came else bound
                if silent >= bound:
                    raise self._stalled(bound)

    def _messages(self, data: bytes) -> Iterator[bytes]:
        """Print texts, and give the answers."""
        try:
            for kind, content in self._receiver.feed(data):
                text = content.decode(errors="surrogatepass") if kind in (OUT, ERR) else ""
                if kind == OUT:
                    output.present().out(text)
                elif kind == ERR:
                    output.present().err(text)
                elif kind == ANSWER:
                    yield content
        except (Garbled, UnicodeDecodeError):
            raise ProcessLost("a plugin wrote into a pipe that is not its own", self._where()) from None

    def _hear_out(self) -> None:
        """Hear what plugins have printed until now."""
        for _ in range(64):
            data = _read(self._prints)
            if not data:
                return
            self._noise.hear(data)

    def _where(self) -> str:
        return "" if self._crumb is None else str(self._crumb.place())

    def _lost(self, process: subprocess.Popen[bytes]) -> BaseException:
        code = process.wait()
        where = self._where()
        self._hear_out()
        came = list(self._came)
        self.close()
        if came:
            return Terminated() if came[0] != signal.SIGINT else KeyboardInterrupt()
        if code < 0:
            return ProcessLost(f"its process was killed by {_signal_name(-code)}", where)
        return ProcessLost(f"its process ended without an answer (exit status {code})", where)

    def _stalled(self, bound: float) -> BaseException:
        where, came = self._where(), list(self._came)
        self._hear_out()
        self.close()
        if came:
            return Terminated() if came[0] != signal.SIGINT else KeyboardInterrupt()
        return ProcessLost(f"no progress for {bound:g} s (--stall-timeout)", where)

    @contextmanager
    def _handing_on(self, process: subprocess.Popen[bytes]) -> Iterator[None]:
        """Hand signals that ask for an end on to the child; the third one is obeyed at once."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def hand_on(number: int, _frame: FrameType | None) -> None:
            self._came.append(number)
            if len(self._came) > 2:  # noqa: PLR2004 - pressed once to save, twice to end, and it did not
                raise KeyboardInterrupt if number == signal.SIGINT else Terminated
            with suppress(ProcessLookupError):
                process.send_signal(number)

        before: dict[int, Callable[..., Any] | int | None] = {}
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, hand_on)
        try:
            yield
        finally:
            for given, handler in before.items():
                signal.signal(given, signal.SIG_DFL if handler is None else handler)


class _Noise:
    """What plugins print: shown, escaped, up to a bound; the rest is counted."""

    def __init__(self) -> None:
        self._rest = b""
        self._shown = 0
        self._left_out = 0

    def hear(self, data: bytes) -> None:
        """Show the lines that are complete."""
        room = max(0, NOISE_BOUND - self._shown)
        self._shown += len(data[:room])
        self._left_out += len(data[room:])
        *whole, self._rest = (self._rest + data[:room]).split(b"\n")
        for line in whole:
            self._show(line)

    def end(self) -> None:
        """Show the last line, and say how much is left out."""
        if self._rest:
            self._show(self._rest)
        if self._left_out:
            output.tell(f"crosslayer: {self._left_out} more bytes that plugins printed are left out")

    def _show(self, line: bytes) -> None:
        output.tell(f"printed by a plugin: {line.rstrip(bytes([13])).decode(errors='backslashreplace')}")


def _read(handle: int) -> bytes | None:
    """What there is to be read; empty at the end, None if there is nothing now."""
    try:
        return os.read(handle, 1 << 16)
    except BlockingIOError:
        return None


def _crumb_file() -> int | None:
    """An open file for crumbs that nobody else can find; None where there is no room for one."""
    try:
        if hasattr(os, "memfd_create"):
            handle = os.memfd_create("crosslayer")
            os.write(handle, bytes(pulse.SIZE))
            return handle
        with tempfile.TemporaryDirectory() as folder:
            return pulse.new_file(str(Path(folder, "crumb")))
    except OSError:
        return None


def _interpreter_flags() -> list[str]:
    """The flags that this interpreter was started with, as far as they matter to what a run does."""
    flags = sys.flags
    optimise = ["-" + "O" * flags.optimize] if flags.optimize else []
    if sys.dont_write_bytecode:
        optimise.append("-B")
    return [*optimise, *(["-s"] if flags.no_user_site else []), *(["-E"] if flags.ignore_environment else [])]


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
