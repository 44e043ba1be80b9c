"""`crosslayer matrix`, by its output."""

import pytest

from crosslayer.harness.commands import matrix
from crosslayer.properties.commerce import JOINT
from tests.commands.invoking import answered, crosslayer
from tests.commerce import ALSO, KNOWN_BAD
from tests.defects.catalogue import DEFECTS, OPACITY, PLUGIN_FAULT, Defect

SOME = {
    "joint": next(one for one in DEFECTS if one.name == "encodes_in_base64"),
    "contract": next(one for one in DEFECTS if one.name == "bills_after_close"),
}
GIVEN = [SOME["joint"], SOME["contract"]]
FAILING = Defect("fails", "trust", "tests.commands.test_trials:failing", PLUGIN_FAULT, "", GIVEN[0].witness)
INNOCENT = Defect("innocent", "trust", "agent_receipts", OPACITY, "", GIVEN[0].witness)


@pytest.fixture
def no_swaps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what ships, so that tests are short."""
    monkeypatch.setattr(matrix, "_shipped", lambda _system: [])


def test_the_matrix_says_what_each_swap_breaks() -> None:
    """Each of the four swaps breaks its own promise alone, the others survive, and its own layer is to blame."""
    status, said = answered("matrix", "--examples", "120", "--jobs", "1")
    rows = {row["name"]: row for row in said["rows"]}

    assert 0 == status
    for swap, caught_by in KNOWN_BAD.items():
        broken = {caught_by, *ALSO[swap]}
        expected = {one.name: "violated" if one.name in broken else "survived" for one in JOINT}
        found = rows[swap]["broken"][caught_by]
        assert (expected, 120) == (rows[swap]["verdicts"], rows[swap]["examples"])
        assert [swap.partition("=")[0]] == found["blame"]
        assert len(found["steps"]) <= 3


def test_json_keys(no_swaps: None) -> None:
    """A program finds the verdicts of each stack, what broke, whose fault it was, and how it fared under all seeds."""
    _, said = answered(
        "matrix", "--defects", "tests.commands.test_matrix:GIVEN", "--in-process", "--examples", "9", "--seeds", "2"
    )
    joint, contract = said["rows"]

    expected = "name stack verdicts broken contract_only examples caught_by seeds caught catches most wrong"
    assert expected.split() == list(joint) == list(contract)
    assert [False, True] == [row["contract_only"] for row in (joint, contract)]
    assert [(OPACITY, 2, 2), ("payments", 2, 2)] == [
        (row["caught_by"], row["seeds"], row["caught"]) for row in (joint, contract)
    ]
    assert ["steps", "deviations", "first", "seconds", "blame"] == list(joint["broken"][OPACITY])
    assert ["runs", "seconds", "finishing"] == list(joint["most"])
    assert [["run", "population", "deviations"]] * 2 == [list(one) for one in joint["catches"]]


def test_fault_leaves_promises_unjudged(no_swaps: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a plugin always fails, no promise is said to have survived: none was looked at."""
    monkeypatch.setitem(globals(), "GIVEN", [FAILING])

    status, said = answered(
        "matrix", "--defects", "tests.commands.test_matrix:GIVEN", "--in-process", "--examples", "4", "--jobs", "1"
    )
    (row,) = said["rows"]

    assert (0, 1, {"not judged"}) == (status, row["examples"], set(row["verdicts"].values()))
    assert ([PLUGIN_FAULT], False) == (list(row["broken"]), row["contract_only"])


def test_table_names_what_breaks_no_promise(no_swaps: None) -> None:
    """A line for each stack; below, what breaks a contract but no joint promise is said to."""
    lines = crosslayer(
        "matrix", "--defects", "tests.commands.test_matrix:GIVEN", "--in-process", "--examples", "9", "--jobs", "1"
    ).output.splitlines()

    assert ["privacy:encodes_in_base64", "payments:bills_after_close"] == [line.split()[0] for line in lines[1:3]]
    assert "0 (1, 0." in lines[1]
    assert "  1 of 1  " in lines[2]
    assert "No joint promise broke, only a contract of the part itself: payments:bills_after_close." in lines
    assert "All 2 were caught by what must catch them, and blamed on the right part." == lines[-1]


def test_miss_is_told(no_swaps: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack that was not caught is named with seed and budget, and the exit status is 1."""
    monkeypatch.setitem(globals(), "GIVEN", [INNOCENT])

    answer = crosslayer(
        "matrix", "--defects", "tests.commands.test_matrix:GIVEN", "--in-process", "--examples", "4", "--jobs", "1"
    )

    assert 1 == answer.exit_code
    assert f"Wrong: trust:innocent, seed 0: {OPACITY} broke in none of 4 runs." in answer.output.splitlines()


def test_a_table_that_is_none_is_refused() -> None:
    """What is given as a table of defects must be one."""
    answer = crosslayer("matrix", "--defects", "tests.defects.catalogue:DISCOVERY")

    assert 2 == answer.exit_code
    assert "is no sequence of values with name, part and path" in answer.stderr
