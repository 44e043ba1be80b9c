"""In which messages a bid is looked for, and in which encodings."""

import json
from base64 import b64encode, urlsafe_b64encode

import pytest

from tests.systems.commerce.nest.telling import (
    HOLDS,
    OPACITY,
    VIOLATED,
    Value,
    broadcast,
    judged,
    outcomes,
    purchase,
    scores,
    send,
    whole,
)

TEXT = "bidamount:150:from:buyer-0:ref:bid-buyer-0"
SECRET = TEXT.encode()


def leaking(*lines: Value) -> list[Value]:
    """A good trace, with these lines after its purchase."""
    return whole(purchase(), lines, scores(seller_0=0.6))


ENCODED = {
    "clear": TEXT,
    "inside": f"x{TEXT}y",
    "hex": SECRET.hex(),
    "upper hex": SECRET.hex().upper(),
    "base64": b64encode(SECRET).decode(),
    "base64 shifted": b64encode(b"??" + SECRET + b"!").decode(),
    "URL-safe base64": urlsafe_b64encode(b"\xff\xff" + SECRET).decode(),
    "JSON": json.dumps({"inner": json.dumps(TEXT)}),
    "UTF-16": SECRET.decode().encode("utf-16-le").decode(),
}


@pytest.mark.parametrize("text", ENCODED.values(), ids=ENCODED)
def test_every_message_of_the_bidder_is_searched(text: str) -> None:
    """In a bid, in gossip, to anybody or to everybody: the bid's plaintext is a leak in every common encoding."""
    for line in (
        send("buyer-0", "seller-0", f"bid:{text}"),
        send("buyer-0", "shill-0", f"GOSSIP|D{text}"),
        broadcast("buyer-0", text),
    ):
        assert VIOLATED == judged(leaking(line))[OPACITY].outcome


@pytest.mark.parametrize("text", ENCODED.values(), ids=ENCODED)
def test_whatever_comes_first(text: str) -> None:
    """A leak that comes before the marker that states its bid is a leak all the same."""
    early = whole([send("buyer-0", "seller-1", f"x:{text}")], purchase(), scores(seller_0=0.6))

    assert VIOLATED == judged(early)[OPACITY].outcome


@pytest.mark.parametrize("text", ['{"amount":150}', '{"box":{"price":150}}', "amount=150", '{"p":"MTUw"}'])
def test_an_amount_in_the_bid_is_a_leak(text: str) -> None:
    """In a bid to its seller, the amount alone is looked for, too; elsewhere 150 may be anything."""
    assert VIOLATED == judged(leaking(send("buyer-0", "seller-0", f"bid:{text}")))[OPACITY].outcome
    assert HOLDS == judged(leaking(send("buyer-0", "seller-0", f"offer:{text}")))[OPACITY].outcome


def test_the_marker_that_states_a_bid_is_no_leak() -> None:
    """Not even with a reference that reads like the plaintext of the bid."""
    deal = f"buyer-0:seller-0:{TEXT}"
    stated = [broadcast("buyer-0", f"bidmeta:{deal}:150"), broadcast("buyer-0", f"bidmeta:{deal}:150")]

    assert HOLDS == judged(leaking(*stated))[OPACITY].outcome


def test_the_published_rule_sees_a_literal_plaintext_in_a_bid_only() -> None:
    """An encoded one, or one in another message, is seen on deliveries alone."""
    clear = leaking(send("buyer-0", "seller-0", f"bid:{TEXT}"))
    coded = leaking(send("buyer-0", "seller-0", f"bid:{SECRET.hex()}"))
    gossip = leaking(send("buyer-0", "seller-0", f"GOSSIP|D{TEXT}"))

    assert [(VIOLATED, VIOLATED), (VIOLATED, HOLDS), (VIOLATED, HOLDS)] == [
        tuple(one[OPACITY] for one in outcomes(values)) for values in (clear, coded, gossip)
    ]


def test_others_betray_no_secret() -> None:
    """The marker tells everybody what was bid; an echo by others is no leak of the privacy layer."""
    for agent in ("seller-0", "shill-0", "buyer-1"):
        echo = leaking(send(agent, "auditor-0", TEXT), broadcast(agent, f"bid:{TEXT}"))

        assert (HOLDS, HOLDS) == tuple(one[OPACITY] for one in outcomes(echo))


def test_an_amount_is_looked_for_in_bids_to_its_seller_only() -> None:
    """Whether the bid comes before its statement or after: what goes to others is another bid."""
    other = send("buyer-0", "seller-1", 'bid:{"amount":150}')

    assert HOLDS == judged(whole([other], purchase(), [other], scores(seller_0=0.6)))[OPACITY].outcome
