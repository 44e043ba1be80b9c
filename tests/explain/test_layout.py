import pytest

from crosslayer.harness.explain.layout import fitted


def test_lines_are_continued_under_their_text() -> None:
    """What does not fit goes on below the column in which the text began."""
    told = fitted("  Label    " + "word " * 8, 40).splitlines()

    assert ["  Label    word word word word word word", "           word word"] == told


@pytest.mark.parametrize("text", ["", "short", "  Replay          crosslayer replay " + "a/" * 60, "x" * 100])
def test_what_must_stay_whole_does(text: str) -> None:
    """Commands to copy, and single long words, are not broken."""
    assert text == fitted(text)


def test_no_line_is_longer_than_the_terminal() -> None:
    """Every line fits, whatever it says."""
    text = "\n".join(["word " * 50, "  tick 1  who  " + "word " * 50, "  a  b  c  " + "word " * 9])

    assert all(len(line) <= 60 for line in fitted(text, 60).splitlines())
