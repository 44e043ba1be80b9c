"""What the page of a hunt, and that of a matrix, show of how far the search got."""

import re
from functools import cache
from pathlib import Path

from crosslayer.harness.commands.searched import hunt_report, matrix_report
from crosslayer.harness.commands.trials import Row, Suspect, rows
from crosslayer.harness.formats.scenario import shipped
from crosslayer.harness.kernel.stack import build
from crosslayer.harness.picture.page import Bars, Report
from crosslayer.harness.search.hunting import Hunted
from crosslayer.harness.search.workers import ALONE
from crosslayer.harness.systems.lock import SYSTEM
from crosslayer.strategies.hunt import Budget, hunt
from tests.commands.invoking import crosslayer


@cache
def hunted() -> Hunted:
    """A hunt that finds something."""
    stack = build(SYSTEM, ["store=unfenced"])
    return hunt(shipped(SYSTEM, "hunt"), stack, SYSTEM.properties, Budget(120, None, 3))


@cache
def tried() -> tuple[Row, ...]:
    """A matrix of one stack under three seeds."""
    return tuple(rows([Suspect(SYSTEM, "unfenced", "store", "unfenced", "no_stale_write")], 100, 3, 3, ALONE))


def bars(report: Report, words: str) -> Bars:
    """The bars under the caption that begins so."""
    (found,) = (one for one in report.bars if one.caption.startswith(words))
    return found


def test_a_hunt_shows_what_it_reached_exercised_tried_and_found() -> None:
    """Each with its number of all runs; what never was, and the run of each find, among them."""
    state = hunted()
    report = hunt_report(build(SYSTEM, ["store=unfenced"]), state, {}, (), 3)
    finds = bars(report, "Finds")

    assert dict(state.reached) == {label: count for label, count, _ in bars(report, "Situations").rows}
    assert dict(state.exercised) == {label: count for label, count, _ in bars(report, "Promises").rows}
    assert {name: did for name, (_, did) in state.tried.items()} == {
        label: count for label, count, _ in bars(report, "Steps").rows
    }
    assert (("no_stale_write", state.first["no_stale_write"]),) == tuple(row[:2] for row in finds.rows)
    assert state.examples == finds.most
    assert "never" in {told for _, _, told in bars(report, "Situations").rows}


def test_a_matrix_shows_how_catches_grow_with_seeds() -> None:
    """After each seed, how many of the hunts until then had caught something; within how many runs they did."""
    report = matrix_report(SYSTEM, tried(), (), ())
    grown = bars(report, "Hunts that caught something").rows

    assert ["after 1 seed", "after 2 seeds", "after 3 seeds"] == [label for label, _, _ in grown]
    assert [(1, "1 of 1"), (2, "2 of 2"), (3, "3 of 3")] == [(count, told) for _, count, told in grown]
    within = [count for _, count, _ in bars(report, "Hunts that had caught").rows]
    assert sorted(within) == within
    assert 3 == within[-1]


def test_the_same_hunt_makes_the_same_page(tmp_path: Path) -> None:
    """Nothing on it depends on the clock."""
    words = ("--system", "lock", "--stack", "store=unfenced", "--examples", "40", "--seed", "3", "--save", tmp_path)
    for name in ("a.html", "b.html"):
        crosslayer("hunt", *words, "--html", tmp_path / name)
    page = (tmp_path / "a.html").read_text()

    assert page == (tmp_path / "b.html").read_text()
    assert re.search(r'<meter min="0" max="40" value="\d+" aria-label="no_stale_write">', page)
