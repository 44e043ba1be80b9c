"""Payments and kernel: after any crash, also with loss of memory, and past its deadline, both sides are whole.

Whole is: money does not stay in a hold; a claim with the right key that arrives in time is taken, and one that is taken
is paid; what arrives late is not taken, and nothing expires early; a payer that asks first gets its money back, and
nobody else can ask.
"""

import hashlib
import json

from crosslayer import Event, Population, Property, Rules, Verdict, on, role_of, violated

LATEST = 1 << 31
"""Ticks that a claim may name: anything else is no claim that the arbiter must understand."""


class WholeInTheEnd(Rules):
    """Remembers deadlines, claims that were taken, and how holds ended."""

    def __init__(self, population: Population) -> None:
        super().__init__(population)
        self.terms: dict[str, tuple[str, int]] = {}
        self.payers: dict[str, str] = {}
        self.asked: set[str] = set()
        self.begun: dict[str, int] = {}
        self.decided: set[str] = set()
        self.claimed: dict[str, int] = {}
        self.back: dict[str, int] = {}
        self.ended: dict[str, set[str]] = {}
        self.over = False

    @on("offered")
    def offer(self, _seq: int, event: Event) -> None:
        """The terms say by which key, and until when, a hold can be claimed."""
        match event.data:
            case {"id": str() as id_, "lock": str() as lock, "deadline": int() as deadline}:
                self.terms[id_] = lock, deadline

    @on("hold_opened")
    def open(self, seq: int, event: Event) -> None:
        """From now on there is money that must go somewhere."""
        match event.data:
            case {"id": str() as id_, "payer": str() as payer}:
                self.begun.setdefault(id_, seq)
                self.payers.setdefault(id_, payer)

    @on("deliver")
    def deliver(self, seq: int, event: Event) -> None:
        """The right key in time, or the payer's wish, decides about a hold if nothing has."""
        if event.message is None or role_of(event.agent) != "escrow":
            return
        match event.message.kind, _body(event.message.payload):
            case "claim", {"id": str() as id_, "key": str() as key, "at": int() as at} if type(at) is int:
                lock, deadline = self.terms.get(id_, ("", -1))
                right = event.tick <= deadline and _sha256(key) == lock and 0 <= at < LATEST
                if right and self.is_undecided(id_) and _is_whole(event, {"at": at, "id": id_, "key": key}):
                    self.claimed.setdefault(id_, seq)
            case "cancel", {"id": str() as id_} if event.message.source == self.payers.get(id_):
                self.asked.add(id_)
                if self.is_undecided(id_) and _is_whole(event, {"id": id_}):
                    self.back.setdefault(id_, seq)

    def is_undecided(self, id_: str) -> bool:
        """Whether there is a hold, of which nothing has been decided."""
        return id_ in self.begun and id_ not in self.decided

    @on("claimed")
    def claim(self, seq: int, event: Event) -> None:
        """The arbiter has taken a claim: it must be in time, and will be paid."""
        match event.data:
            case {"id": str() as id_}:
                self.exercised(seq)
                self.decided.add(id_)
                self.claimed.setdefault(id_, seq)
                _, deadline = self.terms.get(id_, ("", event.tick))
                if event.tick > deadline:
                    late = f"a claim of [{id_:.6}] was taken at tick {event.tick}"
                    self.breaks(f"{late}, and its deadline was tick {deadline}", seq)

    @on("cancelled")
    def cancel(self, seq: int, event: Event) -> None:
        """The payer was the first to decide."""
        match event.data:
            case {"id": str() as id_}:
                self.decided.add(id_)
                if id_ not in self.asked:
                    self.breaks(f"[{id_:.6}] was taken back, and its payer had not asked for that", seq)

    @on("expired")
    def expire(self, seq: int, event: Event) -> None:
        """A hold has reached its deadline."""
        match event.data:
            case {"id": str() as id_}:
                self.exercised(seq)
                self.decided.add(id_)
                _, deadline = self.terms.get(id_, ("", -1))
                if event.tick <= deadline:
                    self.breaks(f"[{id_:.6}] expired at tick {event.tick}, before its deadline {deadline}", seq)

    @on("hold_ended")
    def end(self, _seq: int, event: Event) -> None:
        """The money has gone somewhere."""
        match event.data:
            case {"id": str() as id_, "how": str() as how}:
                self.ended.setdefault(id_, set()).add(how)

    @on("end")
    def finish(self, _seq: int, _event: Event) -> None:
        """Everything had time to settle."""
        self.over = True

    def verdict(self) -> Verdict:
        """Every hold must have ended, those that were claimed by release."""
        if self.over:
            for id_, seq in self.claimed.items():
                if "release" not in self.ended.get(id_, ()):
                    return violated(f"the right key for [{id_:.6}] came in time, and nobody was paid for it", seq)
            for id_, seq in self.back.items():
                if "refund" not in self.ended.get(id_, ()):
                    return violated(f"the payer of [{id_:.6}] asked for its money first, and never got it", seq)
            for id_, seq in self.begun.items():
                if id_ not in self.ended:
                    return violated(f"the money of [{id_:.6}] is held to the end, long past its deadline", seq)
        return super().verdict()


def _body(payload: bytes) -> object:
    """What a message says, if it is JSON."""
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return None


def _is_whole(event: Event, body: dict[str, object]) -> bool:
    """Whether a message says this and nothing else, as its sender writes it: anything else may be refused."""
    return event.message is not None and event.message.payload == json.dumps(body, separators=(",", ":")).encode()


def _sha256(key: str) -> str:
    try:
        return hashlib.sha256(bytes.fromhex(key)).hexdigest()
    except ValueError:
        return ""


PROPERTY = Property(
    "whole_in_the_end",
    "after any crash, also with loss of memory, and past its deadline, both sides are whole; a late claim is refused",
    ("payments", "kernel"),
    WholeInTheEnd,
)
