"""Receipts in the making: an issuer drafts and signs one, the counterparty co-signs, the issuer files it.

Owns the drafts that an agent has issued and not yet seen co-signed. Knows nothing of why they were issued.
"""

from typing import ClassVar

from attrs import evolve

from crosslayer.harness.kernel.crypto import verify
from crosslayer.harness.model.errors import Refused
from crosslayer.harness.systems.commerce.agents.endpoint import Endpoint, Receiver, Waker
from crosslayer.harness.systems.commerce.agents.kit import Kit
from crosslayer.harness.systems.commerce.agents.wire import read_receipt, write
from crosslayer.harness.systems.commerce.nouns import Receipt

_KEPT = "draft "
"""How the keys begin under which open drafts are stored."""


def cosign(kit: Kit, draft: Receipt) -> Receipt:
    """The draft with the co-signature of the kit's owner."""
    return draft.cosigned(kit.signer.sign(draft.cosigned_body()))


class Drafts:
    """The issuing side of receipts."""

    durable: ClassVar[bool] = True

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._open: dict[str, Receipt] = {}

    def start(self) -> None:
        """Nothing to do."""

    def resume(self) -> None:
        """What was issued and is not co-signed yet is still open."""
        store = self._endpoint.store
        kept = (read_receipt(store.get(key)) for key in store if key.startswith(_KEPT))
        self._open = {draft.id: draft for draft in kept}

    def receivers(self) -> dict[str, Receiver]:
        """Co-signed receipts come back."""
        return {"receipt": self._on_receipt}

    def wakers(self) -> dict[str, Waker]:
        """None."""
        return {}

    def issue(self, receipt_id: str, counterparty: str, category: str, ref: str = "") -> Receipt:
        """A signed draft, remembered until it is co-signed."""
        kit = self._endpoint.kit
        draft = Receipt(receipt_id, kit.signer.did, kit.dids[counterparty], category, ref)
        draft = evolve(draft, signature=kit.signer.sign(draft.body()))
        self._open[receipt_id] = draft
        self._endpoint.store.put(f"{_KEPT}{receipt_id}", write(draft))
        return draft

    def _on_receipt(self, source: str, payload: bytes) -> None:
        receipt = read_receipt(payload)
        draft = self._open.get(receipt.id)
        if draft is None or receipt.cosigned("") != draft:
            raise Refused("a receipt that was not asked for")
        if receipt.counterparty != self._endpoint.kit.dids[source]:
            raise Refused("a receipt that is not from its counterparty")
        if not verify(receipt.counterparty, receipt.cosigned_body(), receipt.cosignature):
            raise Refused("a co-signature that does not verify")
        del self._open[receipt.id]
        self._endpoint.store.delete(f"{_KEPT}{receipt.id}")
        self._endpoint.post(self._endpoint.kit.auditor, "receipt", write(receipt))
