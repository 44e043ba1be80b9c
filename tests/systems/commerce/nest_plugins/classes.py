"""Classes as people write them for NEST, good and bad, each made and called in a way of its own.

They know NEST's values and nothing of Crosslayer.
"""

import asyncio
import json
from random import Random
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from tests.systems.commerce.nest_plugins.nest import types

# Registries


class Board:
    """One map, of which there is one object for all: it is not told whose it is."""

    def __init__(self) -> None:
        self._cards: dict[str, Any] = {}

    async def register(self, card: Any) -> None:
        self._cards[card.agent_id] = card

    async def lookup(self, query: Any) -> list[Any]:
        return [card for card in self._cards.values() if set(query.capabilities) <= set(card.capabilities)]

    async def deregister(self, agent: str) -> None:
        self._cards.pop(agent, None)


class Network:
    """What all `Gossip` objects share."""

    def __init__(self, agent_ids: list[str], fan_out: int = 3) -> None:
        self.agent_ids = agent_ids
        self.fan_out = fan_out


class Gossip(Board):
    """Pushes all it knows to some peers each round."""

    def __init__(self, agent_id: str, network: Network) -> None:
        super().__init__()
        self._agent_id = agent_id
        self.network = network

    async def gossip_round(self, ctx: Any) -> None:
        cards = [[one.agent_id, one.name, one.capabilities, one.metadata] for one in self._cards.values()]
        peers = [peer for peer in self.network.agent_ids if peer != self._agent_id]
        for peer in _some(ctx.rng, peers, self.network.fan_out):
            await ctx.send(peer, b"GOSSIP|" + json.dumps(cards).encode())

    async def handle_gossip(self, _sender: str, payload: bytes, _ctx: Any) -> bool:
        if not payload.startswith(b"GOSSIP|"):
            return False
        for agent, name, capabilities, metadata in json.loads(payload[7:]):
            await self.register(
                types.AgentCard(agent_id=agent, name=name, capabilities=capabilities, metadata=metadata)
            )
        return True


def _some(rng: Random, peers: list[str], count: int) -> list[str]:
    return rng.sample(peers, min(count, len(peers)))


# Payments


class Prepaid:
    """Single payments on balances that all share."""

    def __init__(
        self,
        agent_id: str,
        initial_balance: int = 1000,
        balances: dict[str, int] | None = None,
        payments: dict[str, Any] | None = None,
    ) -> None:
        self._agent_id = agent_id
        self.balances = {} if balances is None else balances
        self.balances.setdefault(agent_id, initial_balance)
        self.paid = {} if payments is None else payments

    def balance(self, agent: str) -> int:
        return self.balances.get(agent, 0)

    async def pay(self, to: str, amount: Any, ref: str) -> Any:
        if ref in self.paid or amount.amount > self.balance(self._agent_id):
            raise ValueError(f"no payment {ref}")
        self._move(to, amount.amount)
        self.paid[ref] = types.Receipt(ref=ref, payer=self._agent_id, payee=to, amount=amount)
        return self.paid[ref]

    async def verify_payment(self, ref: str) -> Any:
        return types.PaymentStatus.CONFIRMED if ref in self.paid else types.PaymentStatus.FAILED

    def _move(self, to: str, amount: int) -> None:
        self.balances[self._agent_id] -= amount
        self.balances[to] += amount


class Metered(Prepaid):
    """NEST's streams: opened, ticked by somebody, closed."""

    def __init__(
        self,
        agent_id: str,
        initial_balance: int = 1000,
        balances: dict[str, int] | None = None,
        streams: dict[str, dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(agent_id, initial_balance, balances)
        self._streams = {} if streams is None else streams

    async def open_stream(self, to: str, rate_per_tick: int, max_total: int, ref: str, *, tick: int = 0) -> None:
        if ref in self._streams:
            raise ValueError(f"{ref} is in use")
        self._streams[ref] = {"to": to, "rate": rate_per_tick, "cap": max_total, "moved": 0, "opened": tick}
        await self.tick_stream(ref, tick)

    async def tick_stream(self, ref: str, _current_tick: int) -> bool:
        stream = self._streams[ref]
        amount = min(stream["rate"], stream["cap"] - stream["moved"])
        self._move(stream["to"], amount)
        stream["moved"] += amount
        return bool(stream["moved"] < stream["cap"])

    async def close_stream(self, ref: str) -> Any:
        stream = self._streams[ref]
        amount = types.Money(amount=stream["moved"])
        return types.Receipt(ref=ref, payer=self._agent_id, payee=stream["to"], amount=amount)

    async def verify_payment(self, ref: str) -> Any:
        return types.PaymentStatus.PENDING if ref in self._streams else types.PaymentStatus.FAILED


class Forgetful(Metered):
    """Takes a second credit with every tick, for nobody."""

    def _move(self, to: str, amount: int) -> None:
        super()._move(to, amount)
        self.balances[self._agent_id] -= 1


class Unmetered(Metered):
    """Moves all the money when the stream is closed."""

    async def tick_stream(self, _ref: str, _current_tick: int) -> bool:
        return True

    async def close_stream(self, ref: str) -> Any:
        await super().tick_stream(ref, 0)
        return await super().close_stream(ref)


# Privacy


class Clear:
    """No secrets."""

    async def encrypt(self, data: bytes, audience: list[str]) -> bytes:
        return data

    async def decrypt(self, data: bytes) -> bytes:
        return data


class Sealed:
    """X25519 with each recipient, ChaCha20-Poly1305, replays refused; public keys are told beforehand."""

    def __init__(self, agent_id: str, seed: bytes = b"", *, deterministic: bool = False) -> None:
        assert deterministic
        self._agent_id = agent_id
        self._private = X25519PrivateKey.from_private_bytes(seed)
        self.public_key = self._private.public_key().public_bytes_raw()
        self._peers: dict[str, bytes] = {}
        self._sealed = 0
        self._opened: set[bytes] = set()

    def register_peer(self, agent_id: str, public_key: bytes) -> None:
        self._peers[agent_id] = public_key

    async def encrypt(self, data: bytes, audience: list[str]) -> bytes:
        self._sealed += 1
        nonce = self._sealed.to_bytes(12, "big")
        head = f"{self._agent_id}|{','.join(audience)}|".encode() + nonce
        return head + b"".join(self._cipher(to).encrypt(nonce, data, head) for to in audience)

    async def decrypt(self, data: bytes) -> bytes:
        sender, _, rest = data.partition(b"|")
        to, _, body = rest.partition(b"|")
        nonce, sealed, audience = body[:12], body[12:], to.decode().split(",")
        if self._agent_id not in audience or data in self._opened:
            raise LookupError("not for me, or not any more")
        head, size = data[: len(data) - len(sealed)], len(sealed) // len(audience)
        own = sealed[audience.index(self._agent_id) * size :][:size] if len(audience) > 1 else sealed
        try:
            plaintext = self._cipher(sender.decode()).decrypt(nonce, own, head)
        except InvalidTag:
            raise PermissionError("changed") from None
        self._opened.add(data)
        return plaintext

    def _cipher(self, peer: str) -> ChaCha20Poly1305:
        return ChaCha20Poly1305(self._private.exchange(X25519PublicKey.from_public_bytes(self._peers[peer])))


# Trust


class Average:
    """The mean of positive and negative reports."""

    def __init__(self, identity: Any = None) -> None:
        self._reports: dict[str, list[float]] = {}

    async def report(self, agent: str, evidence: Any) -> None:
        self._reports.setdefault(agent, []).append(float(evidence.kind == "positive"))

    async def score(self, agent: str) -> Any:
        found = self._reports.get(agent, [])
        mean = sum(found) / len(found) if found else 0.5
        return types.ReputationScore(agent_id=agent, score=mean, confidence=min(1.0, len(found) / 100))


class Sleeps(Average):
    """Really waits."""

    async def score(self, agent: str) -> Any:
        await asyncio.sleep(0)
        return await super().score(agent)


class Looks(Average):
    """Asks for the event loop."""

    async def score(self, agent: str) -> Any:
        asyncio.get_running_loop()


class Prompt(Average):
    """Answers at once, where NEST awaits."""

    def score(self, agent: str) -> Any:
        return types.ReputationScore(agent_id=agent, score=0.5)


class Nonsense(Average):
    """Answers a number."""

    async def score(self, agent: str) -> Any:
        return 0.5


class Demanding(Average):
    """Wants what nobody can give."""

    def __init__(self, oracle: Any) -> None:
        super().__init__(oracle)


class Half:
    """Takes reports and never scores."""

    async def report(self, agent: str, evidence: Any) -> None:
        """Nothing."""


def made_by_a_function(agent_id: str) -> Average:
    """An object made from what a function knows."""
    return Average(identity=agent_id)


def made_wrong() -> Half:
    """An object that is no trust plugin."""
    return Half()
