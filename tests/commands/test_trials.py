from typing import Any

import attrs

from crosslayer.harness.commands.trials import Breach, Outcome, Row, Suspect, Trial, judged, rows
from crosslayer.harness.formats.counterexample import FAULT
from crosslayer.harness.search.processes import here
from crosslayer.harness.search.workers import ALONE
from tests.cases import UNDELIVERED, robbery
from tests.commerce import SYSTEM

OPACITY = "commerce_bid_opacity"
AVERAGE = Suspect(SYSTEM, "average", "trust", "score_average", UNDELIVERED)
SOON = Breach(3, 0.5, 0.1, robbery())
LATER = Breach(9, 1.5, 0.1, robbery())


def failing(_roster: object) -> None:
    """The factory of a plugin that cannot be made."""
    raise RuntimeError("out of order")


def _row(*found: dict[str, Breach], **changes: Any) -> Row:
    return Row(attrs.evolve(AVERAGE, **changes), [Outcome(seed, 40, breaches) for seed, breaches in enumerate(found)])


def _seeds(row: Row) -> list[tuple[Any, ...]]:
    return [
        (one.seed, one.examples, {name: (breach.run, breach.counterexample) for name, breach in one.breaches.items()})
        for one in row.outcomes
    ]


def test_caught_under_every_seed() -> None:
    """Where every trial saw what must catch the stack, and blamed its part, nothing is wrong."""
    row = _row({UNDELIVERED: SOON}, {UNDELIVERED: LATER})

    assert ((SOON, LATER), ()) == (row.catches, row.wrong)


def test_missed_under_one_seed() -> None:
    """A trial that did not see what must catch the stack is named with its seed, whatever else it saw."""
    row = _row({UNDELIVERED: SOON}, {"trust": SOON})

    assert ("average, seed 1: commerce_undelivered_penalized broke in none of 40 runs",) == row.wrong
    assert (SOON,) == row.catches


def test_anything_catches_what_nothing_must() -> None:
    """Of a stack of which it is not said what must catch it, the first that breaks does; only nothing is too little."""
    row = _row({UNDELIVERED: LATER, "trust": SOON}, {}, caught_by="")

    assert ((SOON,), ("average, seed 1: nothing broke in none of 40 runs",)) == (row.catches, row.wrong)


def test_blame_must_be_right() -> None:
    """A counterexample that is blamed on another part, or on nobody, is wrong, whichever seed found it."""
    blamed = [attrs.evolve(SOON, counterexample=attrs.evolve(robbery(), blame=blame)) for blame in (("registry",), ())]
    row = _row({UNDELIVERED: blamed[0]}, {UNDELIVERED: blamed[1]})

    assert [
        f"average, seed {seed}: {UNDELIVERED} is blamed on {whom}, not on trust"
        for seed, whom in enumerate(("registry", "nobody"))
    ] == list(row.wrong)


def test_counterexample_must_be_minimal() -> None:
    """A counterexample that was not verified to need each of its steps is wrong."""
    row = _row({UNDELIVERED: attrs.evolve(SOON, counterexample=attrs.evolve(robbery(), minimal=False))})

    assert (f"average, seed 0: the counterexample of {UNDELIVERED} is not minimal",) == row.wrong


def test_swap_breaks_its_promise_alone() -> None:
    """Of a swap, no second joint promise may break; a contract may."""
    found = {UNDELIVERED: SOON, "trust": SOON}

    assert () == _row(found, alone=True).wrong == _row({**found, OPACITY: SOON}).wrong
    assert (f"average, seed 0: {OPACITY} broke as well",) == _row({**found, OPACITY: SOON}, alone=True).wrong


def test_contract_only() -> None:
    """A stack that breaks no joint promise, but a contract, is told apart; a fault is no contract."""
    found: tuple[dict[str, Breach], ...] = ({"trust": SOON}, {"trust": SOON, OPACITY: SOON}, {FAULT: SOON}, {})

    assert [True, False, False, False] == [_row(one).contract_only for one in found]


def test_first_trial_spends_the_whole_budget() -> None:
    """Under the first seed a hunt goes on after the catch, so that what survives is known; the others end with it."""
    (row,) = rows([Suspect(SYSTEM, "noop", "privacy", "noop", OPACITY)], examples=30, seed=5, seeds=3, workers=ALONE)

    assert [5, 6, 7] == [one.seed for one in row.outcomes]
    assert 30 == row.whole.examples
    assert [one.breaches[OPACITY].run for one in row.outcomes[1:]] == [one.examples for one in row.outcomes[1:]]


def test_fault_ends_a_trial() -> None:
    """Where a plugin that always fails is what is looked for, the first fault is enough: no promise can be judged."""
    suspect = Suspect(SYSTEM, "fails", "trust", "tests.commands.test_trials:failing", FAULT)

    outcome = judged(Trial(suspect, seed=0, examples=30, whole=True))

    assert (1, [FAULT]) == (outcome.examples, list(outcome.breaches))


def test_result_does_not_depend_on_jobs() -> None:
    """Two processes find what one finds, in the same order, to the counterexample's last byte."""
    suspects = [AVERAGE, Suspect(SYSTEM, "noop", "privacy", "noop", OPACITY)]

    one, two = (list(rows(suspects, examples=30, seed=0, seeds=2, workers=here(jobs))) for jobs in (1, 2))

    assert [AVERAGE, suspects[1]] == [row.suspect for row in one] == [row.suspect for row in two]
    assert [_seeds(row) for row in one] == [_seeds(row) for row in two]
