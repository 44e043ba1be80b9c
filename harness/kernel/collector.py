"""The garbage collector, told to look less often while many small values are made and kept.

Owns that one setting, and puts it back. A trace grows by values that are never garbage; at Python's own pace the
collector visits all of them again and again, which took a quarter of the kernel's time.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS = 50_000
"""Objects made between two looks (Python's own number is some hundreds)."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Let the collector look once in this number of objects, until this context is left."""
    before = gc.get_threshold()
    gc.set_threshold(OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
