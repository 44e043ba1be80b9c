"""The plugins of delegation, each by itself: real cryptography, and what each must refuse."""

from typing import Any

import pytest
from attrs import evolve

from crosslayer import Clock, Member, Refused, Roster, Signer, Store
from crosslayer.harness.systems.delegation.nouns import (
    DelegationScenario,
    Grant,
    Link,
    Members,
    Request,
    Revocation,
    Token,
)
from crosslayer.harness.systems.delegation.system import SYSTEM

NAMES = Members().names()
SEED = 7
SIGNERS = {name: Signer.from_seed(SEED, name) for name in NAMES}
DIDS = {name: signer.did for name, signer in SIGNERS.items()}
ROOT = Grant(("read", "write"), 4, 8, 50)


def plugins(layer: str, choice: str = "", clock: Clock | None = None) -> dict[str, Any]:
    """A layer's plugins (by default, the reference's), for some agents at a clock."""
    members = tuple(Member(name, DIDS[name]) for name in NAMES)
    stores = {name: Store() for name in NAMES}
    roster = Roster(members, SEED, clock or Clock(), scenario=DelegationScenario(name="x"), store=stores.__getitem__)
    found = next(one for one in SYSTEM.layer(layer).choices if one.name == choice or not choice)
    made: dict[str, Any] = found.factory(roster)
    return made


AUTH = plugins("auth")


def chain(*grants: Grant) -> Token:
    """A token from the principal by the orchestrator to the workers."""
    token, way = Token(), ("principal-0", "orchestrator-0", "worker-0", "worker-1")
    for issuer, audience, grant in zip(way, way[1:], grants, strict=False):
        token = AUTH[issuer].narrow(token, DIDS[audience], grant)
    return token


GOOD = chain(ROOT, evolve(ROOT, tools=("read",), calls=2, spend=4))
FIRST, LAST = GOOD.links


def signed(link: Link, by: str = "orchestrator-0") -> Link:
    """The same link with a signature that fits."""
    return evolve(link, signature=SIGNERS[by].sign(link.body()))


def test_an_unbroken_chain_is_taken_to_the_last_tick() -> None:
    """For its audience, a tool in its scope, up to the tick at which it expires."""
    AUTH["server-0"].verify(Request(GOOD, "1", "read", 1), DIDS["worker-0"], 50)

    with pytest.raises(Refused, match="expired"):
        AUTH["server-0"].verify(Request(GOOD, "1", "read", 1), DIDS["worker-0"], 51)


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (Token(), "no token"),
        (Token((LAST,)), "issued by somebody else"),
        (Token((FIRST, evolve(LAST, signature=LAST.signature[::-1]))), "not signed"),
        (Token((FIRST, evolve(LAST, grant=ROOT))), "not signed"),
        (Token((FIRST, signed(evolve(LAST, parent="")))), "made of another link"),
        (Token((FIRST, signed(evolve(LAST, grant=evolve(ROOT, tools=("admin",)))))), "wider"),
        (Token((FIRST, signed(evolve(LAST, grant=evolve(ROOT, expires=51))))), "wider"),
        (Token((FIRST, signed(evolve(LAST, issuer=DIDS["worker-1"]), "worker-1"))), "issued by somebody else"),
        (Token((FIRST, signed(evolve(LAST, audience=DIDS["worker-1"])))), "the token of somebody else"),
    ],
)
def test_every_other_chain_is_refused(token: Token, reason: str) -> None:
    """Whatever is wrong with it, for its own reason."""
    with pytest.raises(Refused, match=reason):
        AUTH["server-0"].check(token, DIDS["worker-0"])


def test_nobody_widens_by_its_own_plugin() -> None:
    """Neither tools nor time."""
    for wider in (evolve(ROOT, expires=51), evolve(ROOT, tools=("write",))):
        with pytest.raises(Refused, match="wider"):
            AUTH["worker-0"].narrow(GOOD, DIDS["worker-1"], wider)


def test_a_revocation_counts_for_all_that_was_made_of_its_link() -> None:
    """From its issuer; from anybody else it is refused, or speaks of nothing."""
    registry = plugins("registry")
    told = registry["orchestrator-0"].revoke(LAST.id)
    forged = Revocation(LAST.id, DIDS["orchestrator-0"], SIGNERS["worker-1"].sign(told.body()))
    below = AUTH["worker-0"].narrow(GOOD, DIDS["worker-1"], evolve(LAST.grant, calls=1))

    with pytest.raises(Refused, match="not signed"):
        registry["server-0"].learn(forged)
    registry["server-0"].learn(registry["worker-1"].revoke(LAST.id))
    registry["server-0"].admit(below)
    registry["server-0"].learn(told)
    for token in (GOOD, below):
        with pytest.raises(Refused, match="revoked"):
            registry["server-0"].admit(token)
    registry["server-0"].admit(chain(ROOT))


@pytest.mark.parametrize("choice", ["sealed", "signed"])
def test_a_box_is_of_its_sender_and_for_its_receiver(choice: str) -> None:
    """What is changed in it, and who else opens it, is refused; the same message makes the same box."""
    boxes = plugins("communication", choice)
    box = boxes["worker-0"].seal(DIDS["server-0"], b"read")
    changed = [evolve(box, sender=DIDS["worker-1"]), evolve(box, body=box.body[::-1]), evolve(box, proof="zz")]

    assert (DIDS["worker-0"], b"read") == boxes["server-0"].open(box)
    assert box == boxes["worker-0"].seal(DIDS["server-0"], b"read")
    assert (choice == "signed") == (b"read".hex() in box.body)
    for name, one in (("auditor-0", box), *(("server-0", one) for one in changed)):
        with pytest.raises(Refused):
            boxes[name].open(one)


@pytest.mark.parametrize("choice", ["divided", "tally"])
def test_a_subtree_has_what_its_root_was_given(choice: str) -> None:
    """Two children with all of it cannot both have it; nothing and less than nothing are no amounts."""
    accounts = plugins("payments", choice)["server-0"]
    children = [
        AUTH["worker-0"].narrow(GOOD, DIDS["worker-1"], evolve(LAST.grant, expires=until)) for until in (49, 48)
    ]

    for amount in (0, -1, 9):
        with pytest.raises(Refused):
            accounts.charge(children[0], amount)
    accounts.charge(children[0], 1)
    accounts.charge(children[0], 1)
    for one in (*children, GOOD):
        with pytest.raises(Refused):
            accounts.charge(one, 1)
    accounts.charge(chain(ROOT), 1)


def test_a_child_with_less_than_nothing_adds_nothing() -> None:
    """Its account is not opened, and its parent has what it had."""
    accounts = plugins("payments")["server-0"]
    minus = AUTH["worker-0"].narrow(GOOD, DIDS["worker-1"], evolve(LAST.grant, calls=-2, spend=-4))

    with pytest.raises(Refused, match="less than nothing"):
        accounts.charge(minus, 1)
    accounts.charge(GOOD, 1)
    accounts.charge(GOOD, 1)
    with pytest.raises(Refused, match="not enough"):
        accounts.charge(GOOD, 1)
