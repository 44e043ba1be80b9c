"""`crosslayer demo`: every system that ships, on one screen."""

from crosslayer.harness.systems.finding import SHIPPED, find_system
from tests.commands.invoking import crosslayer


def test_every_system_that_ships_is_in_one_table() -> None:
    """Nothing breaks on a reference; on each known-bad stack, the promise that must; and the hunt finds one.

    Systems of real programs are left out: their libraries may not be there.
    """
    result = crosslayer("demo")
    rows = [line.replace(",", "").split()[:3] for line in result.stdout.splitlines()]

    assert 0 == result.exit_code
    for system in (one for one in map(find_system, SHIPPED) if not one.libraries):
        assert [system.name, "reference", "nothing"] in rows
        for one in system.known_bad:
            assert [system.name, one.assignment, one.breaks.removeprefix("commerce_")] in rows
    assert "FAIL  trust=score_average breaks" in result.stdout


def test_one_system_is_shown_promise_by_promise() -> None:
    """As many rows as there are stacks, each with one verdict for each promise."""
    result = crosslayer("demo", "--system", "escrow")
    lines = result.stdout.splitlines()

    assert (0, "escrow, seed 42, 6 agents") == (result.exit_code, lines[0])
    assert [0, 1, 1, 1, 1, 1] == [line.split().count("violated") for line in lines[2:8]]
    assert [5, 4, 4, 4, 4, 4] == [line.split().count("holds") for line in lines[2:8]]
