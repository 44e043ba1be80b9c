"""An inquiry into views: what they show of cards that were pushed to them, true ones and forged ones, in any order.

Owns those cards. Only a registry that has `announce` can be asked: its wire form of pushing one card.
"""

from collections.abc import Callable, Iterator, Mapping

from attrs import evolve, frozen

from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.systems.commerce.inquiries.asking import Flaw
from crosslayer.harness.systems.commerce.nouns import Card

FAR = 2**40
"""A version that no run comes to."""


@frozen(eq=False)
class Views:
    """What agents show of a publisher, and how a card is pushed to one of them.

    `shown(viewer, publisher, capability="")` is None where nothing live is shown;
    `push(viewer, card)` comes from the publisher.
    """

    shown: Callable[..., Card | None]
    push: Callable[[str, Card], None]
    signers: Mapping[str, Signer]

    def hears(self, viewer: str, card: Card, signer: str = "") -> Card | None:
        """What a viewer shows once it has heard this card, signed by its publisher or by somebody else."""
        self.push(viewer, self.signed(card, signer))
        return self.shown(viewer, card.publisher)

    def signed(self, card: Card, signer: str = "") -> Card:
        """The card as its publisher, or somebody else, signs it."""
        return card.signed(self.signers[signer or card.publisher].sign(card.body()))


def flaws(views: Views, reader: str, other: str, publisher: str) -> Iterator[Flaw]:
    """All that is wrong with what two agents show of a third, whose card the first one has."""
    found = views.shown(reader, publisher)
    if found is None or found.version >= FAR:
        return
    yield from _forged(views, reader, found)
    yield from _newer(views, reader, found)
    yield from _capabilities(views, reader, found)
    yield from _order(views, reader, other, found)


def _forged(views: Views, reader: str, found: Card) -> Iterator[Flaw]:
    """A forgery changes nothing, and hides no true card that comes later."""
    forgeries = (
        ("a withdrawal", evolve(found, version=found.version + 1, tombstone=True)),
        ("a card of the far future", evolve(found, version=FAR, endpoint="forged")),
        ("a withdrawal of the far future", evolve(found, version=FAR, tombstone=True)),
        ("another card of the present version", evolve(found, endpoint="forged")),
    )
    for what, card in forgeries:
        if views.hears(reader, card, reader) != found:
            yield Flaw("forgery", reader, f"{what} of {found.publisher}, signed by somebody else, changed its view")
            return
    for signature in ("", found.signature):
        views.push(reader, evolve(found, version=found.version + 1, endpoint="forged", signature=signature))
        if views.shown(reader, found.publisher) != found:
            how = "with the signature of another" if signature else "without a signature"
            yield Flaw("forgery", reader, f"a card of {found.publisher} {how} changed its view")
            return


def _newer(views: Views, reader: str, found: Card) -> Iterator[Flaw]:
    """The newest true card counts, whatever its number, and so does coming back after a withdrawal."""
    start = found.version
    for version in (start + 1, max(9, start + 2), max(10, start + 3), start + 100):
        newer = views.signed(evolve(found, version=version, endpoint=f"audit {version}"))
        views.push(reader, newer)
        if views.shown(reader, found.publisher) != newer:
            yield Flaw(
                "newest", reader, f"version {version} of the card of {found.publisher} is not shown, though heard"
            )
            return
    older = evolve(found, version=start + 99, endpoint="older")
    if views.hears(reader, older) != newer:
        yield Flaw("newest", reader, f"an older card of {found.publisher} undid a newer")
    gone = evolve(newer, version=start + 101, tombstone=True)
    if views.hears(reader, gone) is not None:
        yield Flaw("withdrawal", reader, f"{found.publisher} is shown after its withdrawal was heard")
        return
    back = views.signed(evolve(newer, version=start + 102))
    views.push(reader, back)
    if views.shown(reader, found.publisher) != back:
        yield Flaw("newest", reader, f"{found.publisher} is not shown, though it came back after its withdrawal")


def _capabilities(views: Views, reader: str, found: Card) -> Iterator[Flaw]:
    """A look-up finds each capability of a card, and no other text."""
    able = views.signed(evolve(found, version=found.version + 150, capabilities=("lend", "lender", "a b")))
    views.push(reader, able)
    for asked in ("lend", "lender", "a b", "len", "LEND", "borrow"):
        shown = views.shown(reader, found.publisher, asked)
        if (shown == able) is not (asked in able.capabilities):
            told = "does not find" if shown is None else "finds"
            yield Flaw(
                "look-up", reader, f"{asked!r} {told} the card of {found.publisher}, which has {able.capabilities}"
            )
            return


def _order(views: Views, reader: str, other: str, found: Card) -> Iterator[Flaw]:
    """Of two true cards of one version, and of a withdrawal and an older card, all keep the same, in whatever order."""
    left, right = (evolve(found, version=found.version + 200, endpoint=side) for side in ("left", "right"))
    shown = [
        [views.hears(viewer, card) for card in cards][-1]
        for viewer, cards in ((reader, (left, right)), (other, (right, left)))
    ]
    if shown[0] != shown[1]:
        told = f"of two cards of {found.publisher} with one version, {reader} and {other} show different ones"
        yield Flaw("agreement", reader, told)
    gone = evolve(found, version=found.version + 300, tombstone=True)
    late = evolve(found, version=found.version + 250)
    if [views.hears(other, card) for card in (gone, late)][-1] is not None:
        yield Flaw("withdrawal", other, f"an older card of {found.publisher} came after its withdrawal, and is shown")
