from collections.abc import Callable
from typing import Any

import pytest

from crosslayer.harness.kernel.guard import Guard
from crosslayer.harness.kernel.layers import answers
from crosslayer.harness.kernel.stack import Stack
from crosslayer.harness.model.errors import PluginFault, Refused
from crosslayer.harness.model.steps import Run, RunUntil, Step
from crosslayer.harness.systems.commerce.handles import OPERATIONS, fingerprint, make_plugins, printable, rounded
from crosslayer.harness.systems.commerce.nouns import LAYERS, Card
from crosslayer.harness.systems.commerce.ports import Member, Roster
from crosslayer.harness.systems.commerce.steps import Buy, ForgeCard
from crosslayer.harness.systems.commerce.system import REFERENCE
from tests.play import HONEST, begun, facts, participant, played, with_operations

ROSTER = Roster((Member("buyer-0", "aa"), Member("seller-0", "bb")), 42)
CORRUPT: tuple[Step, ...] = (Buy(0, 0), ForgeCard(0, 0))


def failing(_real: Any, *_args: Any) -> Any:
    """Raise."""
    raise ZeroDivisionError("oops")


def nothing(_real: Any, *_args: Any) -> Any:
    """Answer None."""
    return None


@pytest.mark.parametrize(("layer", "operation"), [(layer, name) for layer in LAYERS for name in OPERATIONS[layer]])
def test_an_operation_that_raises_is_a_fault_of_its_layer(layer: str, operation: str) -> None:
    """Whatever raises is named with layer and operation, ends the run, and never gets out of it."""
    result = played(*CORRUPT, stack=with_operations(layer, **{operation: failing}))

    assert result.fault is not None
    assert (layer, operation, "raised ZeroDivisionError: oops") == (
        result.fault.part,
        result.fault.operation,
        result.fault.reason,
    )
    assert "fault" == result.events[-1].kind


@pytest.mark.parametrize(
    ("layer", "operation", "answer"),
    [
        ("registry", "lookup", None),
        ("registry", "lookup", ["card"]),
        ("registry", "lookup", "cards"),
        ("registry", "gossip_round", 5),
        ("registry", "gossip_round", [("seller-0", "text")]),
        ("registry", "gossip_round", [("seller-0",)]),
        ("registry", "gossip_round", [("nobody", b"x")]),
        ("registry", "handle_gossip", None),
        ("registry", "announce", 7),
        ("payments", "close_stream", 1.5),
        ("payments", "close_stream", True),
        ("payments", "verify_payment", 100),
        ("payments", "balance", "5000"),
        ("privacy", "encrypt", "text"),
        ("privacy", "decrypt", None),
        ("trust", "score", 0.5),
    ],
)
def test_an_answer_of_the_wrong_kind_is_a_fault_of_its_layer(layer: str, operation: str, answer: object) -> None:
    """Nonsense is found where it is answered, not where it would do harm."""
    result = played(*CORRUPT, stack=with_operations(layer, **{operation: lambda *_args: answer}))

    assert result.fault is not None
    assert layer == result.fault.part


def test_a_sequence_that_cannot_be_read_is_a_fault() -> None:
    """A list that raises when it is looked at is the plugin's fault."""

    class Trap(list[Any]):
        def __iter__(self) -> Any:
            raise OSError("trap")

    with pytest.raises(PluginFault, match="lookup: raised OSError: trap"):
        answers("registry", "buyer-0", "lookup", Trap([1]), Card)


def test_a_stream_that_its_payer_cannot_close_is_a_fault_of_payments() -> None:
    """A ledger that knows nothing of what it opened is at fault, not the buyer that relies on it."""
    result = played(population=HONEST, stack=with_operations("payments", open_stream=nothing))

    assert result.fault is not None
    assert ("payments", "close_stream") == (result.fault.part, result.fault.operation)


def test_a_payments_plugin_that_opens_nothing_is_judged() -> None:
    """A plugin that may refuse and always does breaks nothing: nobody can buy, and everything is vacuous."""

    def refuse(_real: Any, *_args: Any) -> None:
        raise Refused("closed today")

    result = played(population=HONEST, stack=with_operations("payments", open_stream=refuse))

    assert result.fault is None
    assert [] == facts(result.events, "stream_opened")


def test_a_view_that_changes_by_itself_is_unexplained() -> None:
    """A card that neither its owner nor a message brought is recorded as unexplained."""
    ghost = Card("seller-0", 9, ("sell",))

    def lookup(real: Any, capability: str) -> Any:
        return (*(card for card in real.lookup(capability) if card.publisher != "seller-0"), ghost)

    events = begun(population=HONEST, stack=with_operations("registry", lookup=lookup)).journal.events
    causes = {said["cause"] for said in facts(events, "view", "buyer-0")}

    assert "unexplained" in causes


def test_only_the_first_sight_of_a_seller_is_a_discovery() -> None:
    """A seller is discovered once, however often its card is looked up, and nobody discovers itself."""
    simulation = begun(population=HONEST)
    for name in ("seller-0", "seller-0", "seller-0"):
        participant(simulation, name).kit.registry.lookup("sell")

    assert [] == facts(simulation.journal.events, "discovered", "seller-0")
    assert 1 == len(facts(played(population=HONEST).events, "discovered", "buyer-0"))


def test_whatever_look_up_shows_a_seller_discovers_it() -> None:
    """An agent may look up everybody and choose for itself; cards of others are no discovery."""
    simulation = begun(RunUntil("gossip delivered"), Run(60), population=HONEST)
    participant(simulation, "buyer-0").kit.registry.lookup("")

    assert [{"seller": "seller-0"}] == facts(simulation.journal.events, "discovered", "buyer-0")


def own_part(wrong: Callable[..., Any]) -> Stack:
    """The reference stack with a registry whose look-ups by capability are changed."""

    def lookup(real: Any, capability: str) -> Any:
        found = real.lookup(capability)
        return wrong(found) if capability else found

    return with_operations("registry", lookup=lookup)


@pytest.mark.parametrize("wrong", [lambda found: found[1:], lambda _found: (Card("seller-9", 1, ("sell",)),)])
def test_a_look_up_that_is_not_part_of_the_view_is_a_flaw(wrong: Callable[..., Any]) -> None:
    """Whatever has the capability, and nothing else; the order does not matter."""
    ordered = own_part(lambda found: found[::-1])

    assert "look-up" in {said["check"] for said in facts(played(stack=own_part(wrong)).events, "flaw")}
    assert [] == facts(played(stack=ordered).events, "flaw")


def test_a_list_that_its_registry_goes_on_changing_is_seen_to_change() -> None:
    """What a plugin answered may be its own list; the view that is on record is not."""

    def lookup(real: Any, capability: str) -> Any:
        live = real.__dict__.setdefault("live", []) if not capability else []
        live[:] = real.lookup(capability)
        return live

    result = played(stack=with_operations("registry", lookup=lookup))

    assert facts(played().events, "view") == facts(result.events, "view")


def test_an_opening_that_was_refused_and_happened_is_a_flaw() -> None:
    """A refusal leaves no trace."""

    def open_stream(real: Any, *args: Any) -> None:
        real.open_stream(*args)
        raise Refused("no")

    flaws = facts(played(Buy(0, 0), stack=with_operations("payments", open_stream=open_stream)).events, "flaw")

    assert (
        "the stream buy-shill_seller-0-0 of shill_seller-0 is there, though it was never opened" == flaws[0]["detail"]
    )


def test_a_recipient_that_refuses_what_was_sealed_for_it_is_a_flaw_once() -> None:
    """The first time it must read; a replay it may refuse."""

    def decrypt(real: Any, data: bytes) -> bytes:
        if real.__dict__.setdefault("tried", 0) == 0:
            real.tried = 1
            raise Refused("not now")
        return bytes(real.decrypt(data))

    result = played(population=HONEST, stack=with_operations("privacy", decrypt=decrypt))

    assert ["audience"] == [
        said["check"] for said in facts(result.events, "flaw", "seller-0") if "refused" in said["detail"]
    ]


def test_every_opening_and_closing_is_followed_by_the_ledger() -> None:
    """Right after a stream was opened or closed, all balances and streams are on record."""
    events = played(population=HONEST).events
    after = [events[seq + 1] for seq, event in enumerate(events) if event.kind in ("stream_opened", "stream_closed")]

    assert ["opened", "closed"] == [event.data["cause"] for event in after]
    assert [["buyer-0", "bid-buyer-0", "seller-0", 10, True]] == after[0].data["streams"]
    assert {"buyer-0": 4990, "seller-0": 5010, "auditor-0": 5000} == after[0].data["balances"]


def test_sealing_and_opening_are_on_record() -> None:
    """What was sealed for whom, and who opened it, is a fact; the envelope is named by its digest."""
    events = played(population=HONEST).events
    (sealed,), (opened,) = facts(events, "sealed"), facts(events, "opened")

    assert ["seller-0"] == sealed["audience"]
    assert (sealed["plaintext"], sealed["envelope"]) == (opened["plaintext"], opened["envelope"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.12345678, 0.123457), (-0.0, 0.0), (1, 1.0), (float("nan"), "nan"), (float("-inf"), "-inf")],
)
def test_scores_are_recorded_as_numbers_or_words(value: float, expected: object) -> None:
    """A score has six digits; what is no number is a word, so that JSON can hold it."""
    assert str(expected) == str(rounded(value))


def test_any_bytes_can_be_printed_and_named() -> None:
    """A plaintext that is no text becomes one; a fingerprint is the SHA-256."""
    assert "a\\xff" == printable(b"a\xff")
    assert "e3b0c442" == fingerprint(b"")[:8]


@pytest.mark.parametrize(
    ("factory", "reason"),
    [
        (lambda _roster: None, "answered NoneType where Mapping is due"),
        (lambda _roster: {}, "the factory made no plugin for this buyer"),
        (lambda _roster: {"buyer-0": 1, "seller-0": 1}, "the plugin has no report, score"),
        (lambda roster: {}[roster], "raised TypeError: unhashable type"),
    ],
)
def test_a_factory_must_make_a_whole_plugin_for_everybody(factory: Callable[..., Any], reason: str) -> None:
    """A factory that makes nothing, too few, or half a plugin is at fault."""
    with pytest.raises(PluginFault) as caught:
        make_plugins(Guard(), "trust", factory, ROSTER)

    assert caught.value.reason.startswith(reason) or "KeyError" in caught.value.reason


@pytest.mark.parametrize("layer", LAYERS)
def test_the_reference_plugins_are_whole(layer: str) -> None:
    """Every reference factory makes one plugin per member, in the roster's order."""
    assert ["buyer-0", "seller-0"] == list(make_plugins(Guard(), layer, REFERENCE.factory(layer), ROSTER))
