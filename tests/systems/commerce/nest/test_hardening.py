"""Forged, premature, repeated and junk lines change no verdict, whichever side they favour."""

from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslayer.harness.model.verdicts import Outcome
from crosslayer.harness.systems.commerce.nest.verdicts import DELIVERIES, MARKERS, judge
from tests.systems.commerce.nest.telling import (
    CAST,
    DISCOVERY,
    REWARDED,
    SWAPS,
    UNDELIVERED,
    VIOLATED,
    Value,
    broadcast,
    card,
    dropped,
    exported,
    facts,
    judged,
    outcomes,
    receive,
    scores,
    send,
    whole,
)
from tests.systems.commerce.nest.telling import purchase as bought

NAMES = (*(value["agent"] for value in exported()[:12]), "nobody-7", "auditor-9", "", "ü\x00")
TEXTS = st.one_of(
    st.sampled_from(("", ":", "bid-buyer-0", "bid-buyer-4", "150", "0", "10", "-1", "nan", "inf", "0.9", "0.0", "{}")),
    st.text(max_size=5),
)
AGENTS = st.sampled_from(NAMES)
SELLERS = tuple(name for name in NAMES if "seller" in name)
DEALER = {one.buyer: one.seller for one in facts(exported()).bids}
"""Whose goods a buyer is waiting for."""

BUYERS = tuple(name for name in NAMES if name.startswith("buyer"))


def _others(draw: st.DrawFn, *principals: str) -> str:
    """Some agent that is none of these."""
    name: str = draw(st.sampled_from([name for name in NAMES if name not in principals]))
    return name


@st.composite
def forged(draw: st.DrawFn) -> Value:
    """A line by somebody other than the principal that it names."""
    buyer, seller = draw(st.sampled_from(BUYERS)), draw(st.sampled_from(SELLERS))
    ref = draw(st.one_of(st.just(f"bid-{buyer}"), TEXTS))
    corr = draw(st.sampled_from(("", "corr-1", "corr-40", "corr-300")))
    number = draw(TEXTS)
    markers = {
        f"discovered:{buyer}:{seller}": buyer,
        f"bidmeta:{buyer}:{seller}:{ref}:{number}": buyer,
        f"stream:open:{buyer}:{seller}:{ref}:{number}": buyer,
        f"stream:close:{buyer}:{seller}:{ref}:{number}": buyer,
        f"negative:{buyer}:{seller}:{ref}": buyer,
        f"fulfilled:{seller}:{buyer}:{ref}": seller,
        f"receipt:{seller}:{number}": seller,
        f"score:{draw(AGENTS)}:{number}:{draw(TEXTS)}": "auditor-0",
        f"bidamount:150:from:{buyer}:ref:bid-{buyer}": buyer,
        draw(TEXTS): "",
    }
    msg = draw(st.sampled_from(list(markers)))
    agent, to = _others(draw, markers[msg]), draw(AGENTS)
    push = f'GOSSIP|P[{{"publisher":"{seller}","card":{{}},"tombstone":false,"version":9}}]'
    cheat = _others(draw, seller, *BUYERS)
    return draw(
        st.sampled_from(
            (
                broadcast(agent, msg, corr),
                send(agent, to, msg, corr),
                receive(to, agent, msg, corr),
                dropped(to, agent, msg, corr),
                send(cheat, buyer, push, corr),
                receive(buyer, cheat, push, corr),
                receive(buyer, _others(draw, DEALER[buyer]), f"ack:{ref}", corr),
                send(cheat, seller, f"bid:{msg}", corr),
                receive(seller, cheat, f"bid:{msg}", corr),
            )
        )
    )


@cache
def unforged(swap: str) -> list[tuple[Outcome, str]]:
    """What is said without any forgery, in words, too."""
    return _said(exported(swap))


def _said(lines: Sequence[Value]) -> list[tuple[Outcome, str]]:
    found = facts(lines)
    return [(one.outcome, one.detail) for basis in (DELIVERIES, MARKERS) for one in judge(found, basis).values()]


def _mixed(draw: st.DrawFn, lines: Sequence[Value]) -> list[Value]:
    mixed = list(lines)
    for line in draw(st.lists(forged(), max_size=12)):
        mixed.insert(draw(st.integers(0, len(mixed))), line)
    for _ in range(draw(st.integers(0, 3))):
        first = draw(st.integers(0, len(mixed) - 1))
        mixed.insert(draw(st.integers(first + 1, len(mixed))), mixed[first])
    return mixed


@pytest.mark.parametrize("swap", SWAPS)
@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_no_verdict_changes(swap: str, data: st.DataObject) -> None:
    """Any forged or junk lines anywhere, and any repetitions, leave all verdicts on both bases as they were."""
    mixed = data.draw(st.composite(lambda draw: _mixed(draw, exported(swap)))())

    assert unforged(swap) == _said(mixed)


def test_an_auditor_that_takes_no_part_has_no_word() -> None:
    """Anyone who calls itself an auditor must have started with the others."""
    late = [broadcast("auditor-9", "score:seller-0:0.0:1"), broadcast("auditor-9", "score:shill_seller-0:0.0:1")]

    assert outcomes(whole(ROBBED, LENIENT)) == outcomes(whole(ROBBED, LENIENT, late))


def test_cards_that_are_made_up_excuse_nobody() -> None:
    """Pushes of sellers of whom the sender has not heard tell a buyer nothing, before or after it hears itself."""
    lines = exported("in_memory")
    sellers = [value["agent"] for value in lines[:12] if "seller" in value["agent"]]
    made_up = [receive(f"buyer-{number}", "shill-0", card(seller)) for number in range(5) for seller in sellers]
    heard_late = [
        send("shill-0", "buyer-0", card("seller-0"), "corr-9"),
        receive("shill-0", "seller-0", card("seller-0")),
        receive("buyer-0", "shill-0", card("seller-0"), "corr-9"),
    ]

    assert VIOLATED == judged([*lines[:12], *made_up, *lines[12:]])[DISCOVERY].outcome
    assert VIOLATED == judged(whole(heard_late, bought()[1:]))[DISCOVERY].outcome


ROBBED = [*bought(), *bought("buyer-1", "shill_seller-0", delivers=False)]
FAIR = scores(seller_0=0.63, shill_seller_0=0.0)
LENIENT = scores(seller_0=0.63, shill_seller_0=0.9)


def _both(values: list[Value], name: str) -> tuple[Outcome, Outcome]:
    best, published = outcomes(values)
    return best[name], published[name]


@pytest.mark.parametrize("forger", [name for name in CAST if name != "auditor-0"])
def test_premature_score(forger: str) -> None:
    """A score from somebody else, before the auditor's, neither excuses a robber nor robs an honest seller."""
    early = [broadcast(forger, "score:shill_seller-0:0.0:1.0"), broadcast(forger, "score:seller-0:0.0:1.0")]

    assert (VIOLATED, VIOLATED) == _both(whole(early, ROBBED, LENIENT), UNDELIVERED)
    assert outcomes(whole(ROBBED, FAIR)) == outcomes(whole(early, ROBBED, FAIR))


@pytest.mark.parametrize(
    "junk", ["score:", "score:seller-0", "score:seller-0:zero:1", "score:nobody-3:0.1:1", "score:::"]
)
def test_junk_score(junk: str) -> None:
    """One junk score, from the auditor or anybody else, changes nothing."""
    for agent in ("auditor-0", "shill-0"):
        expected = outcomes(whole(ROBBED, LENIENT))

        assert expected == outcomes(whole([broadcast(agent, junk)], ROBBED, LENIENT))
        assert expected == outcomes(whole(ROBBED, LENIENT, [broadcast(agent, junk)]))


def test_echoed_fulfilment() -> None:
    """An echo of a fulfilment, told by others before the real one, neither fulfils nor comes before the money."""
    echo = [broadcast("shill-0", "fulfilled:seller-0:buyer-0:bid-buyer-0")]
    alibi = [broadcast("shill-0", "fulfilled:shill_seller-0:buyer-1:bid-buyer-1")]

    assert outcomes(whole(ROBBED, FAIR)) == outcomes(whole(echo, ROBBED, FAIR))
    assert (VIOLATED, VIOLATED) == _both(whole(ROBBED, alibi, LENIENT), UNDELIVERED)


@pytest.mark.parametrize("forger", ["shill-0", "shill_seller-0", "seller-0"])
def test_forged_close(forger: str) -> None:
    """A close that is not the payer's neither makes a robber of a seller nor hides that a stream was drained."""
    framed = [broadcast(forger, "stream:close:buyer-0:seller-1:bid-buyer-0:500")]
    hidden = [broadcast(forger, "stream:close:buyer-1:shill_seller-0:bid-buyer-1:0")]

    assert outcomes(whole(ROBBED, FAIR)) == outcomes(whole(framed, ROBBED, FAIR, framed))
    assert (VIOLATED, VIOLATED) == _both(whole(hidden, ROBBED, LENIENT, hidden), UNDELIVERED)


@pytest.mark.parametrize("number", ["nan", "NaN", "inf", "-inf"])
def test_a_score_that_is_no_number_violates(number: str) -> None:
    """An honest seller's does, on both bases; a robber's does not count as below the threshold, either."""
    ours = whole(ROBBED, scores(seller_0=number, shill_seller_0=0.0))
    theirs = whole(ROBBED, scores(seller_0=0.63, shill_seller_0="nan"))

    assert (VIOLATED, VIOLATED) == _both(ours, REWARDED)
    assert (VIOLATED, VIOLATED) == _both(theirs, UNDELIVERED)


def test_without_an_auditor_the_first_who_scores_a_trader_counts() -> None:
    """Where nobody's role is auditor: not somebody who scored nobody that trades, nor somebody who trades itself."""
    told = [value for value in whole(ROBBED) if value["agent"] != "auditor-0"]
    real = [broadcast("oracle", "score:shill_seller-0:0.9:1"), broadcast("oracle", "score:seller-0:0.6:1")]
    junk = [broadcast("x", "score:nobody:0.0:1"), broadcast("shill-0", "score:shill_seller-0:0.0:1")]
    late = [broadcast("y", "score:shill_seller-0:0.0:1")]

    verdict = judged([*junk, *told, *real, *late])[UNDELIVERED]

    assert VIOLATED == verdict.outcome
    assert verdict.detail.endswith("but ended with score 0.9, not below 0.3")
