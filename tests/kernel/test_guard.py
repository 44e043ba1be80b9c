import signal
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from crosslayer.harness.kernel.guard import Guard, describe, expect
from crosslayer.harness.kernel.simulation import run
from crosslayer.harness.model.errors import PluginFault, Refused
from crosslayer.harness.systems.commerce.handles import MUST_ANSWER, OPERATIONS
from crosslayer.harness.systems.commerce.nouns import Card
from tests.play import HONEST, scenario, with_operations

DUE = [("privacy", one) for one in (*(one for row in MUST_ANSWER.values() for one in row), "make")]
"""Operations that must answer; of whatever layer they are, the tests ask them of one."""


def refusing(*_args: object) -> None:
    """Refuse everything."""
    raise Refused("no")


def fault(function: Callable[..., Any], *args: Any, operation: str = "decrypt") -> PluginFault:
    """The fault in which a call ends."""
    with pytest.raises(PluginFault) as caught:
        Guard(must_answer=DUE).call("privacy", "buyer-0", operation, function, *args)
    return caught.value


def test_an_answer_comes_through() -> None:
    """A plugin's answer is handed on as it is."""
    assert 5 == Guard().call("privacy", "buyer-0", "decrypt", len, b"12345")


def test_a_refusal_comes_through() -> None:
    """Where the interface allows a plugin to refuse, that is an answer and no fault."""
    with pytest.raises(Refused):
        Guard().call("privacy", "buyer-0", "decrypt", refusing)


@pytest.mark.parametrize("operation", [operation for _, operation in DUE])
def test_a_refusal_where_an_answer_is_due_is_a_fault(operation: str) -> None:
    """An operation that the interface does not let refuse is at fault if it does."""
    assert "refused where it must answer: no" == fault(refusing, operation=operation).reason


def test_what_must_answer_is_an_operation() -> None:
    """The operations that must answer are operations of some layer, or what plugins may have beside them."""
    known = {operation for layer in OPERATIONS.values() for operation in layer}

    assert {"make", "announce", "secrets"} == {operation for _, operation in DUE} - known


@pytest.mark.parametrize("error", [KeyError("lost"), SystemExit(3), MemoryError(), AssertionError("so")])
def test_whatever_a_plugin_raises_is_a_fault(error: BaseException) -> None:
    """An exception in a plugin is a fault with part, agent, operation and one line of reason."""

    def raising() -> None:
        raise error

    found = fault(raising)

    assert ("privacy", "buyer-0", "decrypt") == (found.part, found.agent, found.operation)
    assert describe(error) == found.reason


def test_endless_recursion_is_a_fault() -> None:
    """A plugin that calls itself without end ends as a fault."""

    def recursing() -> None:
        recursing()

    assert "recurses without end" == fault(recursing).reason


@pytest.mark.parametrize("value", ["forged", ["a", "list"]])
def test_changing_an_argument_is_a_fault(value: object) -> None:
    """A plugin that changes a frozen value it was given is found out, whether it answers or refuses."""

    def changing(card: Card) -> None:
        object.__setattr__(card, "endpoint", value)

    def changing_and_refusing(card: Card) -> None:
        changing(card)
        raise Refused("no")

    for function in (changing, changing_and_refusing):
        assert "changed an argument that it was given" == fault(function, Card("buyer-0", 1, ("buy",))).reason


@pytest.mark.parametrize("wrong", ["text", None, True, 1.5])
def test_an_answer_of_another_type_is_a_fault(wrong: object) -> None:
    """An integer is due: neither texts nor nothing, and no bool either."""
    with pytest.raises(PluginFault, match=f"answered {type(wrong).__name__} where int is due"):
        expect("payments", "buyer-0", "balance", wrong, int)


def test_an_answer_of_one_of_two_types_is_fine() -> None:
    """Where either type will do, either does."""
    expect("payments", "buyer-0", "balance", None, (int, type(None)))
    expect("payments", "buyer-0", "balance", 3, (int, type(None)))


def test_an_exception_is_told_in_one_short_line() -> None:
    """However long an exception's text is, it becomes one line of limited length."""
    assert "raised ValueError: a b" == describe(ValueError("a\n\n b"))
    assert "raised ValueError" == describe(ValueError())
    assert 230 > len(describe(ValueError("x" * 10_000)))


def spin(*_args: object) -> None:
    """Never return."""
    while True:
        pass


@pytest.mark.parametrize(
    ("layer", "operation"),
    [("registry", "gossip_round"), ("payments", "open_stream"), ("privacy", "encrypt"), ("trust", "score")],
)
def test_a_plugin_that_hangs_ends_the_run(layer: str, operation: str) -> None:
    """A call that does not return becomes a fault of its layer, and the verdicts say that the run did not end."""
    result = run(scenario(HONEST), with_operations(layer, **{operation: spin}), cpu_seconds=0.2)

    assert result.fault is not None
    assert (layer, operation) == (result.fault.part, result.fault.operation)
    assert "did not return within 0.2 s of CPU time" == result.fault.reason


def test_a_factory_that_hangs_ends_the_run() -> None:
    """A plugin that never gets made is a fault, too."""
    result = run(scenario(HONEST), with_operations("trust", report=spin), cpu_seconds=0.2)

    assert result.fault is not None
    assert ("trust", "report") == (result.fault.part, result.fault.operation)


def test_the_watchdog_leaves_nothing_behind() -> None:
    """After a watch the signal handler is what it was, and no timer runs."""
    before = signal.getsignal(signal.SIGVTALRM)
    with Guard(0.2).watch():
        assert signal.getsignal(signal.SIGVTALRM) != before

    assert before == signal.getsignal(signal.SIGVTALRM)
    assert (0.0, 0.0) == signal.getitimer(signal.ITIMER_VIRTUAL)


def test_a_held_watchdog_keeps_its_timer_between_watches() -> None:
    """From hold to release the timer runs on, and then all is as before."""
    before, guard = signal.getsignal(signal.SIGVTALRM), Guard(0.2)
    guard.hold()
    with guard.watch():
        pass
    held = signal.getitimer(signal.ITIMER_VIRTUAL)
    guard.release()

    assert (0.0, 0.0) != held
    assert (0.0, 0.0) == signal.getitimer(signal.ITIMER_VIRTUAL)
    assert before == signal.getsignal(signal.SIGVTALRM)


def test_a_held_watchdog_ends_calls_and_nothing_else() -> None:
    """What takes long between two watches goes on; what does not return within one is a fault."""
    guard = Guard(0.05)
    guard.hold()
    try:
        assert 0 < sum(range(10_000_000))
        with pytest.raises(PluginFault, match="did not return within"), guard.watch():
            guard.call("trust", "auditor-0", "score", spin)
    finally:
        guard.release()


def answering(balance: Callable[[], object]) -> Any:
    """A plugin that says this of its balance."""
    return SimpleNamespace(balance=balance)


def test_a_sweep_asks_one_after_another() -> None:
    """A sweep answers what each agent's plugin answers, in order."""
    questions = [("buyer-0", answering(lambda: 1), ()), ("seller-0", answering(lambda: 2), ())]

    assert [1, 2] == Guard().sweep("payments", "balance", questions)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Refused("no"), "refused where it must answer: no"),
        (KeyError("lost"), "raised KeyError: 'lost'"),
        (RecursionError(), "recurses without end"),
    ],
)
def test_a_sweep_blames_whom_it_asked(error: Exception, reason: str) -> None:
    """Whatever a plugin does but answer is the fault of that agent's plugin, refusals included."""

    def raising() -> None:
        raise error

    with pytest.raises(PluginFault) as caught:
        Guard().sweep(
            "payments", "balance", [("buyer-0", answering(lambda: 1), ()), ("seller-0", answering(raising), ())]
        )

    assert ("payments", "seller-0", "balance") == (caught.value.part, caught.value.agent, caught.value.operation)
    assert reason == caught.value.reason


def test_a_sweep_that_hangs_is_a_fault_of_whom_it_asked() -> None:
    """The watchdog names the agent whose plugin did not answer."""
    guard = Guard(0.05)
    with pytest.raises(PluginFault) as caught, guard.watch():
        guard.sweep("payments", "balance", [("buyer-0", answering(lambda: 1), ()), ("seller-0", answering(spin), ())])

    assert "seller-0" == caught.value.agent


def test_a_run_that_gets_on_is_not_disturbed() -> None:
    """Many short calls that together take longer than the budget are no hang."""
    guard = Guard(0.1)
    with guard.watch():
        for _ in range(300):
            guard.beat += 1
            guard.call("trust", "auditor-0", "report", sum, range(30_000))

    assert sys.getrecursionlimit() > 0
