"""docs/your-own-mcp-server.md does what it says, from the wheel and what its extra asks for."""

import re
from pathlib import Path

from tests.docs.reading import BLOCK, ROOT, follow
from tests.installed.building import Environment

PAGE = ROOT / "docs" / "your-own-mcp-server.md"


def test_the_page_does_what_it_says(tmp_path: Path, installed_with_mcp: Environment) -> None:
    """Every file, change and command on the page, in this order, prints what the page says."""
    assert 5 == follow(PAGE, tmp_path, installed_with_mcp)


def test_what_a_user_writes_is_short() -> None:
    """The file that says what is tested has at most 40 lines, blank ones aside."""
    (system,) = (one["text"] for one in BLOCK.finditer(PAGE.read_text()) if one["note"] == "write booth.py")

    assert len(re.findall(r"^.*\S.*$", system, re.MULTILINE)) <= 40
