"""`crosslayer matrix`, by its output."""

from tests.commands.invoking import answered, crosslayer


def test_the_matrix_says_what_each_swap_breaks() -> None:
    """Each of the four swaps breaks its own promise alone, and its own layer is to blame."""
    _, said = answered("matrix", "--examples", "40")
    rows = {row["name"]: row for row in said["rows"]}
    violated = {
        name: [one for one, outcome in row["verdicts"].items() if outcome == "violated"] for name, row in rows.items()
    }

    assert ["commerce_discovery_precedes_bid"] == violated["registry=in_memory"]
    assert ["commerce_bid_opacity"] == violated["privacy=noop"]
    assert ["commerce_delivery_rewarded"] == violated["payments=pay_on_close"]
    assert ["registry"] == rows["registry=in_memory"]["broken"]["commerce_discovery_precedes_bid"]["blame"]


def test_a_table_that_is_none_is_refused() -> None:
    """What is given as a table of defects must be one."""
    answer = crosslayer("matrix", "--defects", "tests.defects.catalogue:DISCOVERY")

    assert 2 == answer.exit_code
    assert "is no sequence of values with name, part and path" in answer.stderr
