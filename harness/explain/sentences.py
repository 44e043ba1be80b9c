"""Events as sentences: what a person needs to read of a trace.

Owns the wording. Knows what events say, and nothing of why they are told.
"""

from collections.abc import Callable, Mapping
from typing import Any

from crosslayer.harness.model.events import Event


def sentence(event: Event) -> str:
    """One event in words, with its tick."""
    tell = _SENTENCES.get(event.kind)
    try:
        told = tell(event, event.data) if tell else event.kind
    except (KeyError, TypeError, ValueError):
        told = event.kind
    return f"tick {event.tick}: {told}"


def _wire(verb: str) -> Callable[[Event, Mapping[str, Any]], str]:
    def tell(event: Event, _data: Mapping[str, Any]) -> str:
        message = event.message
        if message is None:
            return verb
        return f"a {message.kind} from {message.source} to {message.to} is {verb}"

    return tell


def _ledger(_event: Event, data: Mapping[str, Any]) -> str:
    streams = [
        f"{moved} credits have gone from {payer} to {payee} under {ref}"
        for payer, ref, payee, moved, _open in data["streams"]
    ]
    return "the ledger says: " + ("; ".join(streams) or "no stream was ever opened")


def _view(event: Event, data: Mapping[str, Any]) -> str:
    return f"the view that {event.agent} has of {', '.join(data['changes'])} changes ({data['cause']})"


_SENTENCES: dict[str, Callable[[Event, Mapping[str, Any]], str]] = {
    "send": _wire("sent"),
    "copy": _wire("copied by the adversary"),
    "tamper": _wire("changed on its way"),
    "deliver": _wire("delivered"),
    "drop": _wire("lost"),
    "registered": lambda event, _: f"{event.agent} registers",
    "view": _view,
    "discovered": lambda event, data: f"{event.agent} discovers {data['seller']}",
    "stream_opened": lambda event, data: f"{event.agent} opens a stream to {data['payee']} under {data['ref']}",
    "stream_closed": lambda event, data: f"{event.agent} closes {data['ref']}: {data['total']} credits",
    "ledger": _ledger,
    "sealed": lambda event, data: f"{event.agent} seals {data['plaintext']} for {', '.join(data['audience'])}",
    "opened": lambda event, data: f"{event.agent} opens an envelope and reads {data['plaintext']}",
    "bid_placed": lambda event, data: f"{event.agent} bids {data['amount']} to {data['seller']} under {data['ref']}",
    "goods_sent": lambda event, data: f"{event.agent} sends {data['buyer']} the goods of {data['ref']}",
    "goods_accepted": lambda event, data: f"{event.agent} has the goods of {data['ref']} from {data['seller']}",
    "complained": lambda event, data: f"{event.agent} complains of {data['seller']} over {data['ref']}",
    "reported": lambda event, data: f"{event.agent} reports a {data['evidence']} about {data['about']}",
    "scored": lambda event, data: f"{event.agent} gives {data['about']} the score {data['score']}",
    "ignored": lambda event, data: f"{event.agent} ignores a {data['message']}: {data['reason']}",
    "counterfactual": lambda _, data: f"without its receipts {data['about']} would have {data['score']}",
    "outsider_read": lambda event, data: f"{event.agent} can read what {data['sender']} sealed for somebody else",
    "audit": lambda _, data: f"audit of {data['layer']}, {data['check']}: {data['detail'] or 'as it should be'}",
    "step": lambda _, data: str(data["note"]),
    "link": lambda _, data: "links are cut" if data["groups"] or data["cut"] else "all links are whole",
    "node": lambda event, data: f"{event.agent} has {data['state']}",
    "settlement": lambda *_: "settlement: faults stop, links heal, crashed agents restart",
    "fault": lambda event, data: (
        f"the {data['part']} plugin of {event.agent} fails in {data['operation']}: {data['reason']}"
    ),
    "end": lambda *_: "the run is over",
}
