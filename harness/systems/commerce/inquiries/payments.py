"""An inquiry into the money: streams of the audit's own, with every answer that the interface leaves no choice in.

Owns the questions about means, reservations, odd terms and look-alike references. Everything happens in one tick, so a
stream moves the tick of its opening and no more.
"""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from crosslayer.harness.systems.commerce.handles import sane_credits, sane_stream
from crosslayer.harness.systems.commerce.inquiries.asking import NO, Desk, Flaw
from crosslayer.harness.systems.commerce.nouns import Stream

LEAST = 100
"""Credits without which there is nothing to try."""


@frozen(eq=False)
class Till:
    """What anybody may do with the money."""

    desk: Desk
    names: Sequence[str]

    def opens(self, payer: str, to: str, rate: int, cap: int, ref: str) -> bool:
        """Whether a stream may be opened."""
        return self.desk.ask(payer, "open_stream", to, rate, cap, ref) is not NO

    def closes(self, closer: str, payer: str, ref: str) -> int | None:
        """The total at which a stream is closed; None if it may not be."""
        total = self.desk.ask(closer, "close_stream", payer, ref)
        return None if total is NO else sane_credits(closer, "close_stream", total)

    def stream(self, viewer: str, payer: str, ref: str) -> Stream | None:
        """What one agent's plugin says of a stream."""
        return sane_stream(viewer, self.desk.ask(viewer, "verify_payment", payer, ref))

    def balance(self, name: str) -> int:
        """What one agent has."""
        return sane_credits(name, "balance", self.desk.ask(name, "balance"))

    def balances(self) -> Mapping[str, int]:
        """What everybody has."""
        return {name: self.balance(name) for name in self.names}


def flaws(till: Till, payer: str, payee: str, third: str) -> Iterator[Flaw]:
    """All that is wrong with the money of a payer and a payee of whom neither has an open stream."""
    if min(till.balance(payer), till.balance(payee)) < LEAST:
        return
    yield from _means(till, payer, payee)
    yield from _terms(till, (payer, payee, third))
    yield from _oddities(till, payer, payee)
    yield from _apart(till, payer, payee)
    yield from _nothing(till, payer, third)


def _means(till: Till, payer: str, payee: str) -> Iterator[Flaw]:
    """All that an agent has may be promised, once; what was reserved is free again after the closing."""
    purse = till.balance(payer)
    if till.opens(payer, payee, 1, purse + 1, "audit-means"):
        return  # the audit says so itself
    if till.stream(payee, payer, "audit-means") is not None:
        yield Flaw("refusal", payer, "a stream that was refused is in the ledger")
    ref = "audit-means"
    if not till.opens(payer, payee, 1, purse, ref):
        ref = "audit-mean"
        if not till.opens(payer, payee, 1, purse, ref):
            yield Flaw("means", payer, f"it may not promise the {purse} credits that it has, none of them reserved")
            return
        yield Flaw("refusal", payer, "an opening that was refused used up its reference")
    if till.opens(payer, payee, 1, 1, "audit-more"):
        yield Flaw("overdraft", payer, "it promised again what an open stream had reserved")
        till.closes(payer, payer, "audit-more")
    income = till.balance(payee)
    if till.opens(payee, payer, 1, income, "audit-income"):
        till.closes(payee, payee, "audit-income")
    else:
        yield Flaw("means", payee, f"it may not promise the {income} credits that it has, none of them reserved")
    till.closes(payer, payer, ref)
    rest = till.balance(payer)
    if till.opens(payer, payee, 1, rest - 5, "audit-most") and till.opens(payer, payee, 1, 2, "audit-little"):
        if till.opens(payer, payee, 1, 5, "audit-too-much"):
            yield Flaw("overdraft", payer, "three streams together promise more money than it has")
            till.closes(payer, payer, "audit-too-much")
        till.closes(payer, payer, "audit-most")
        till.closes(payer, payer, "audit-little")
    rest = till.balance(payer)
    if till.opens(payer, payee, 1, rest, "audit-rest"):
        till.closes(payer, payer, "audit-rest")
    else:
        yield Flaw("means", payer, "what a stream had reserved is not free again after its closing")


def _terms(till: Till, parties: tuple[str, str, str]) -> Iterator[Flaw]:
    """A stream shows everybody the terms of its opening, moves no more than its cap at once, and ends at one total."""
    payer, payee, third = parties
    ref = "audit-terms"
    if not till.opens(payer, payee, 5, 3, ref):
        yield Flaw("terms", payer, "a stream with a rate above its cap was refused")
        return
    for viewer in dict.fromkeys((payer, payee, third)):
        seen = till.stream(viewer, payer, ref)
        for wrong in _differences(seen, Stream(payer, payee, ref, 5, 3, 3, open=True)):
            yield Flaw("terms", viewer, f"of a stream that was just opened, {wrong}")
    totals = [till.closes(closer, payer, ref) for closer in (payer, payee)]
    if totals != [3, 3]:
        yield Flaw("closing", payer, f"payer and payee closed at {totals[0]} and {totals[1]}, and 3 were due")
    seen = till.stream(payee, payer, ref)
    for wrong in _differences(seen, Stream(payer, payee, ref, 5, 3, 3, open=False)):
        yield Flaw("terms", payee, f"of a stream that was just closed, {wrong}")


def _differences(seen: Stream | None, due: Stream) -> Iterator[str]:
    if seen is None:
        yield "it shows nothing"
        return
    for field in ("payer", "payee", "ref", "rate", "cap", "moved", "open"):
        shown, right = getattr(seen, field), getattr(due, field)
        if shown != right:
            yield f"it shows the {field} {shown!r}, not {right!r}"


def _oddities(till: Till, payer: str, payee: str) -> Iterator[Flaw]:
    """Terms that make no sense are refused, or harm nobody but their payer and lose nothing."""
    before = till.balances()
    tried = (
        ("a negative rate", payee, -5, 3),
        ("a negative total", payee, 1, -3),
        ("no rate", payee, 0, 3),
        ("no total", payee, 1, 0),
        ("an unknown payee", "nobody-0", 1, 3),
        ("itself as payee", payer, 1, 3),
    )
    opened = []
    for number, (what, to, rate, cap) in enumerate(tried):
        if till.opens(payer, to, rate, cap, f"audit-odd-{number}"):
            opened.append((what, f"audit-odd-{number}"))
    yield from _harm(before, till.balances(), payer, [what for what, _ in opened])
    for _, ref in opened:
        till.closes(payer, payer, ref)
    if opened:
        yield from _harm(before, till.balances(), payer, [what for what, _ in opened])


def _harm(before: Mapping[str, int], after: Mapping[str, int], payer: str, opened: Sequence[str]) -> Iterator[Flaw]:
    robbed = [name for name in before if name != payer and after[name] < before[name]]
    total = sum(after.values()) - sum(before.values())
    if robbed or total or after[payer] > before[payer]:
        terms = f"a stream with {' or '.join(opened)} was opened" if opened else "every stream was refused"
        lost = f"{', '.join(robbed)} lost money" if robbed else f"all balances together changed by {total}"
        yield Flaw("odd terms", payer, f"{terms}, and {lost}")


def _apart(till: Till, payer: str, payee: str) -> Iterator[Flaw]:
    """References that look alike are different references."""
    first = "audit:" + "x" * 40
    if not till.opens(payer, payee, 1, 3, first):
        return
    shown = till.stream(payee, payer, first)
    for other in (first + "y", first.upper(), f" {first}"):
        if not till.opens(payer, payee, 2, 2, other):
            yield Flaw("reference", payer, f"the reference {other!r} was refused because of {first!r}")
        elif till.stream(payee, payer, first) != shown or till.closes(payer, payer, other) != 2:  # noqa: PLR2004
            yield Flaw("reference", payer, f"the streams {first!r} and {other!r} are not kept apart")
    if till.closes(payee, payer, first) != 1:
        yield Flaw("reference", payer, f"the stream {first!r} changed when others under like references closed")


def _nothing(till: Till, payer: str, third: str) -> Iterator[Flaw]:
    """Of a stream that never was there is nothing to see or to close."""
    if till.stream(third, payer, "audit-nothing") is not None:
        yield Flaw("unknown", third, "it shows a stream that nobody opened")
    if till.closes(payer, payer, "audit-nothing") is not None:
        yield Flaw("unknown", payer, "it closed a stream that nobody opened")
