"""An inquiry into what is left of a run: plugins that are made anew, beside the old ones, know nothing of them.

Owns that comparison. Whatever a plugin keeps outside the objects that its factory makes (in a module, in a class, in a
cache by the roster) is state between runs: then one schedule has as many traces as there are runs before it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from crosslayer.harness.systems.commerce.inquiries.asking import NO, Desk, Flaw
from crosslayer.harness.systems.commerce.nouns import Stream

Asked = Callable[[str, str], Stream | None]


def registries(desk: Desk, names: Sequence[str]) -> Iterator[Flaw]:
    """A new registry shows nobody."""
    for name in names:
        if len(desk.ask(name, "lookup", "")):
            yield Flaw("fresh", name, "a new registry shows cards of an earlier one")
            return


def payments(desk: Desk, names: Sequence[str], balance: int, streams: Sequence[tuple[str, str]]) -> Iterator[Flaw]:
    """A new ledger has no stream, and everybody has what everybody begins with."""
    for name in names:
        held = desk.ask(name, "balance")
        if held != balance:
            yield Flaw("fresh", name, f"on a new ledger it has {held} credits, not the {balance} that all begin with")
            return
    for payer, ref in streams:
        if desk.ask(payer, "verify_payment", payer, ref) is not None:
            yield Flaw("fresh", payer, f"a new ledger has the stream {ref} of an earlier one")
            return


def privacies(desk: Desk, sealed: Mapping[str, Any], *, timeless: Callable[[], bool]) -> Iterator[Flaw]:
    """What a sender sealed first it would seal so again, and who has opened nothing opens it.

    `sealed` is the first envelope of each sender's; `timeless` tells whether no clock was read in the meantime.
    """
    for sender, one in sealed.items():
        again = desk.ask(sender, "encrypt", one.plaintext, one.audience)
        if again != one.envelope and timeless():
            yield Flaw("fresh", sender, "a new plugin of the same secrets seals the same plaintext otherwise")
            return
        for reader in one.audience:
            if desk.ask(reader, "decrypt", again) in (NO, b"") and one.plaintext:
                yield Flaw("fresh", reader, f"a new plugin refuses what {sender} sealed first")
                return
