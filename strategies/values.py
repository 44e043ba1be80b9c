"""Rows of values as strategies.

Owns how Hypothesis draws what `crosslayer.harness.search.generation` lists: a range is a range of integers, any other
row is chosen from.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from hypothesis import strategies as st

from crosslayer.harness.search.generation.drawing import Values

T = TypeVar("T")


def values(row: Values) -> st.SearchStrategy[Any]:
    """One of these values; it shrinks towards the first."""
    return st.integers(row[0], row[-1]) if isinstance(row, range) else st.sampled_from(row)


def built(make: Callable[..., T], arguments: Mapping[str, Values]) -> st.SearchStrategy[T]:
    """What `make` makes of one value of each row."""
    return st.builds(make, **{name: values(row) for name, row in arguments.items()})
