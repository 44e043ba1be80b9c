"""Objects of x402 as facts of escrow: what a resource asks for is an offer, and what a client signs is its acceptance.

The table in docs/escrow.md says which field is which. The classes are those of the `x402` package, as it ships them.
"""

from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from crosslayer import Event
from crosslayer.harness.systems.escrow.claims.as_agreed import PROPERTY
from crosslayer.harness.systems.escrow.nouns import Members

schemas = pytest.importorskip("x402.schemas", reason="x402 is not installed: make .venv/test.stamp")

NONCE = "0x" + "5e" * 32
PAYER, PAYEE, OTHER = ("0x" + letter * 40 for letter in "abc")


def evm_types() -> Any:
    """Its classes for EVM payloads, which need no Ethereum library; the package around them does."""
    package = find_spec("x402.mechanisms.evm")
    assert package is not None
    assert package.submodule_search_locations is not None
    (folder,) = package.submodule_search_locations
    spec = spec_from_file_location("x402_evm_types", Path(folder) / "types.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def signed(to: str = PAYEE, value: str = "30") -> Any:
    """A payment payload as a client sends it, read back from its JSON."""
    wanted = schemas.PaymentRequirements(
        scheme="exact", network="eip155:8453", asset="0x" + "d" * 40, amount="30", pay_to=PAYEE, max_timeout_seconds=60
    )
    types = evm_types()
    authorization = types.ExactEIP3009Authorization(PAYER, to, value, "0", "20", NONCE)
    payload = types.ExactEIP3009Payload(authorization, "0x00").to_dict()
    sent = schemas.PaymentPayload(payload=payload, accepted=wanted).model_dump_json(by_alias=True)
    return schemas.PaymentPayload.model_validate_json(sent)


def facts(payload: Any, settled: int) -> list[Event]:
    """What was asked for, what was signed, and what a facilitator moves at a second, as facts of escrow."""
    authorization = evm_types().ExactEIP3009Payload.from_dict(payload.payload).authorization
    wanted, payer, until = payload.accepted, authorization.from_address, int(authorization.valid_before)
    deal = {"id": authorization.nonce, "buyer": payer, "expires": until}
    offered = {**deal, "seller": wanted.pay_to, "amount": int(wanted.amount)}
    accepted = {**deal, "seller": authorization.to, "amount": int(authorization.value)}
    held = {"id": authorization.nonce, "payer": payer, "payee": authorization.to, "amount": int(authorization.value)}
    return [
        Event(0, "offered", wanted.pay_to, offered),
        Event(1, "accepted", payer, accepted),
        Event(settled, "hold_opened", "facilitator", held),
    ]


@pytest.mark.parametrize(
    ("payload", "settled", "outcome"),
    [
        (signed(), 20, "holds"),
        (signed(), 21, "violated"),
        (signed(to=OTHER), 20, "violated"),
        (signed(value="1"), 20, "violated"),
    ],
    ids=["as asked for", "too late", "another payee", "a smaller amount"],
)
def test_what_is_settled_is_what_was_asked_for(payload: Any, settled: int, outcome: str) -> None:
    """`as_agreed` holds for a payment as it was asked for, and breaks for another payee, amount or time."""
    monitor = PROPERTY.watch(Members())
    for seq, event in enumerate(facts(payload, settled)):
        monitor.handlers()[event.kind](seq, event)

    assert outcome == monitor.conclude().outcome
