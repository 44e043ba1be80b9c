"""The reference page of each shipped system is what `crosslayer system show` prints."""

import pytest

from crosslayer.harness.systems.finding import SHIPPED
from tests.commands.invoking import answered, crosslayer
from tests.docs.reading import ROOT


@pytest.mark.parametrize("name", SHIPPED)
def test_the_page_is_generated(name: str) -> None:
    """Written anew with `crosslayer system show NAME > docs/reference/system-NAME.md`, it is the same."""
    page = (ROOT / "docs" / "reference" / f"system-{name}.md").read_text()

    assert crosslayer("system", "show", name).stdout == page


def test_what_is_shown_is_a_value_too() -> None:
    """A program finds the same in JSON; a shipped system declares nothing in vain."""
    status, value = answered("system", "show", "lock", "--check")

    assert (0, []) == (status, value["hints"])
    assert {"roles", "layers", "messages", "facts", "moments", "steps", "properties"} < value.keys()
