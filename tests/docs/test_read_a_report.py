"""docs/read-a-report.md does what it says, and pictures are as today's runs are drawn."""

from pathlib import Path
from xml.etree import ElementTree as ET

from crosslayer.harness.picture.chart import ROOM
from crosslayer.harness.picture.drawing import svg
from tests.docs.reading import ROOT, follow
from tests.installed.building import Environment
from tests.picture.showing import stale_write


def test_the_page_does_what_it_says(tmp_path: Path, installed: Environment) -> None:
    """Every command on the page, in this order, prints what the page says."""
    assert 3 == follow(ROOT / "docs" / "read-a-report.md", tmp_path, installed)


def test_the_picture_is_not_stale() -> None:
    """The picture has the same parts, with the same texts, as `crosslayer report --format svg` draws today."""
    one = stale_write()
    drawn = (ROOT / "docs" / "pictures" / "stale-write.svg").read_text()

    assert _parts(svg(one.chart(ROOM), one.counterexample.invariant)) == _parts(drawn)


def _parts(text: str) -> list[tuple[str, str]]:
    """Every element by its name and its words, wherever it stands."""
    return [(part.tag, (part.text or "").strip()) for part in ET.fromstring(text).iter()]  # noqa: S314 - our own file
