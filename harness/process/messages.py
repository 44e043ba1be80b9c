"""Messages between a child and its parent: a kind, a length, and that number of bytes.

Owns this form. Knows nothing of what is in a message.
"""

import json
import os
import struct
import threading
from collections.abc import Iterator
from typing import Any

OUT, ERR, ANSWER, JOB = b"o", b"e", b"a", b"j"
"""Text for standard output, text for standard error, an answer, a job."""

KINDS = (OUT, ERR, ANSWER, JOB)
_HEAD = struct.Struct(">cI")
SIZE_BOUND = 1 << 28
"""Bytes of one message."""


class Garbled(Exception):
    """What came is no message: somebody else wrote into the pipe."""


class Sender:
    """The writing end of a pipe."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._lock = threading.Lock()

    def send(self, kind: bytes, content: bytes) -> None:
        """Send it whole; `OSError` if nobody reads."""
        data = memoryview(_HEAD.pack(kind, len(content)) + content)
        with self._lock:
            while data:
                data = data[os.write(self._handle, data) :]

    def send_json(self, kind: bytes, value: Any) -> None:
        """Send a JSON value."""
        self.send(kind, json.dumps(value).encode())


class Receiver:
    """The reading end of a pipe: bytes go in as they come, whole messages come out."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The messages that these bytes complete; `Garbled` if they cannot be any."""
        self._data += data
        while len(self._data) >= _HEAD.size:
            kind, size = _HEAD.unpack_from(self._data)
            if kind not in KINDS or size > SIZE_BOUND:
                raise Garbled
            end = _HEAD.size + size
            if len(self._data) < end:
                return
            content = bytes(self._data[_HEAD.size : end])
            del self._data[:end]
            yield kind, content


def loads(content: bytes) -> Any:
    """The JSON value of a message."""
    return json.loads(content)
