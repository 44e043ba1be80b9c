from pathlib import Path

import attrs
import pytest

from crosslayer.harness.formats.counterexample import Counterexample
from crosslayer.harness.keep.corpus import entries, verify
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.steps import Restart
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import Withhold
from crosslayer.harness.systems.commerce.system import REFERENCE, build
from crosslayer.properties.commerce import ALL
from tests.cases import SWAP, recorded, robbery, written
from tests.watching import never

TWO_BUYERS = Population(2, 0, 1)


def _wrong(one: Counterexample) -> tuple[str, ...]:
    return verify(one, ALL, (), "entry")


def test_entries_are_sorted_files_of_all_folders(tmp_path: Path) -> None:
    """The entries of a corpus are its JSON files, in all its folders, by name."""
    for name in ("b.json", "a.json", "old/c.json", "notes.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")

    assert ["a.json", "b.json", "old/c.json"] == [str(path.relative_to(tmp_path)) for path in entries(tmp_path)]


def test_missing_folder_is_bad_input(tmp_path: Path) -> None:
    """A corpus that is not there is not an empty one."""
    with pytest.raises(BadInput, match="there is no such folder"):
        entries(tmp_path / "corpse")


def test_true_entry(tmp_path: Path) -> None:
    """An entry is true if its stack breaks the promise in the same run, and the reference keeps it."""
    assert () == _wrong(robbery())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"digest": "00" * 32}, "drifted: the trace differs in its header"),
        ({"digest": "00" * 32, "trail": ("0", "0")}, "drifted: the trace differs from step 1 on"),
        ({"schedule": (Withhold(0, 1),)}, "drifted: the trace differs"),
        ({"schedule": ()}, "fixed: vacuous: "),
        ({"schedule": (Withhold(), Withhold(0, 1))}, "fixed: holds: "),
        ({"stack": {"trust": "agent_receipts"}}, "fixed: holds: "),
        ({"invariant": "commerce_bid_opacity"}, "fixed: holds: "),
        ({"invariant": "commerce_bid_opacity_"}, "fixed: vacuous: it was not watched"),
        ({"expect": "holds"}, "drifted: violated: "),
    ],
)
def test_manipulated_entry_is_caught(changes: dict[str, object], reason: str) -> None:
    """Whatever is changed in an entry that decides its run or its claim, verifying says what is wrong."""
    wrong = _wrong(attrs.evolve(robbery(), **changes))  # type: ignore[arg-type]

    assert wrong[0].startswith(reason)


def test_entry_must_blame_the_stack() -> None:
    """An entry that the reference stack breaks as well accuses nobody, and is not true."""
    both = recorded(build(["agents=tests.defects.agents:never_scores_buyers"]), TWO_BUYERS, Withhold(), name="agents")
    on_reference = recorded(REFERENCE, TWO_BUYERS, Withhold())

    assert () == verify(both, ALL, ("tests",), "entry")
    assert "it blames the reference stack" in _wrong(on_reference)


def test_entry_must_not_accuse_the_innocent() -> None:
    """An entry whose promise the reference stack breaks under the same schedule is not true."""
    impossible = never("end", "end")
    one = recorded(build(["privacy=noop"]), TWO_BUYERS, name="end")

    assert ("the reference stack breaks it, too: it was seen at tick 320",) == verify(one, (impossible,), (), "entry")


def test_false_alarm_stays_quiet() -> None:
    """An entry that expects the promise to be kept is true on the reference stack while it is kept."""
    assert () == _wrong(recorded(REFERENCE, TWO_BUYERS, Withhold(), expect="holds"))


def test_false_alarm_must_be_put_to_the_test() -> None:
    """An entry whose promise is not exercised at all is no alarm that stays quiet."""
    idle = recorded(REFERENCE, TWO_BUYERS, expect="holds")

    assert ("vacuous: nobody withheld: every honest buyer that paid got its goods",) == _wrong(idle)


def test_no_other_alarm_may_ring() -> None:
    """An entry that expects one promise to be kept is not true if another one is broken in that run."""
    one = recorded(build(["privacy=noop"]), TWO_BUYERS, Withhold(), expect="holds")

    assert any(line.startswith("commerce_bid_opacity is broken, too: ") for line in _wrong(one))


def test_step_that_does_nothing_is_caught() -> None:
    """A minimal entry with a step that finds nothing to do is not true, though its run is the same."""
    one = recorded(build([SWAP]), TWO_BUYERS, Withhold(), Restart(0), minimal=True)

    assert ("stale step 2: buyer-0 is up",) == _wrong(one)


def test_entry_of_a_foreign_plugin_needs_permission(tmp_path: Path) -> None:
    """Verifying loads no code that nobody named."""
    stack = "trust=tests.defects.trust:ignores_complaints"
    one = recorded(build([stack]), TWO_BUYERS, Withhold())
    path = written(tmp_path / "one.json", one)

    assert () == verify(one, ALL, ("tests.defects",), str(path))
    with pytest.raises(BadInput, match="to load that code, say --stack"):
        verify(one, ALL, (), str(path))
