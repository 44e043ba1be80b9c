"""Files that are written whole or not at all.

Owns the writing and the opening of files, and what is said when that fails. Knows no format.
"""

import gzip
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from harness.errors import BadInput


def write_atomically(path: Path, chunks: Iterable[bytes]) -> None:
    """Write to a temporary name in the same folder, then rename; on failure nothing is left behind.

    `BadInput` if the folder does not exist or cannot be written to.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    except OSError as error:
        raise BadInput(str(path), f"cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise BadInput(str(path), f"cannot be written: {error.strerror}") from None
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def open_for_reading(path: Path) -> BinaryIO:
    """A file as a binary stream, unpacked if its name ends in `.gz`; `BadInput` if it cannot be opened."""
    try:
        return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]
    except OSError as error:
        raise BadInput(str(path), f"cannot be read: {error.strerror}") from None


def read_whole(path: Path, bound: int) -> bytes:
    """All of a file of at most `bound` bytes; `BadInput` if it is larger or cannot be read."""
    with open_for_reading(path) as file:
        try:
            data = file.read(bound + 1)
        except OSError as error:
            raise BadInput(str(path), f"cannot be read: {error.strerror}") from None
    if len(data) > bound:
        raise BadInput(str(path), f"is larger than {bound} bytes")
    return data
