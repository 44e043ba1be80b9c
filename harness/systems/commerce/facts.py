"""The facts of commerce: every kind of ground truth that its agents, layers and audits record, and how each is told.

Owns the table. Facts are never on the wire, so no agent can read or forge one.
"""

from crosslayer.harness.model.declarations import Fact
from crosslayer.harness.model.events import Event


def _ledger(event: Event) -> str:
    streams = [
        f"{moved} credits have gone from {payer} to {payee} under {ref}"
        for payer, ref, payee, moved, _open in event.data["streams"]
    ]
    return "the ledger says: " + ("; ".join(streams) or "no stream was ever opened")


def _view(event: Event) -> str:
    return f"the view that {event.agent} has of {', '.join(event.data['changes'])} changes ({event.data['cause']})"


FACTS = (
    Fact("registered", "{agent} registers"),
    Fact("view", _view),
    Fact("discovered", "{agent} discovers {seller}"),
    Fact("stream_opened", "{agent} opens a stream to {payee} under {ref}"),
    Fact("stream_closed", "{agent} closes {ref}: {total} credits"),
    Fact("ledger", _ledger, observed=False),
    Fact(
        "sealed", lambda event: f"{event.agent} seals {event.data['plaintext']} for {', '.join(event.data['audience'])}"
    ),
    Fact("opened", "{agent} opens an envelope and reads {plaintext}"),
    Fact("bid_placed", "{agent} bids {amount} to {seller} under {ref}"),
    Fact("goods_sent", "{agent} sends {buyer} the goods of {ref}"),
    Fact("goods_accepted", "{agent} has the goods of {ref} from {seller}"),
    Fact("complained", "{agent} complains of {seller} over {ref}"),
    Fact("reported", "{agent} reports a {evidence} about {about}"),
    Fact("scored", "{agent} gives {about} the score {score}"),
    Fact("ignored", "{agent} ignores a {message}: {reason}"),
    Fact("counterfactual", "without its receipts {about} would have {score}", observed=False),
    Fact("outsider_read", "{agent} can read what {sender} sealed for somebody else"),
    Fact(
        "audit",
        lambda event: (
            f"audit of {event.data['layer']}, {event.data['check']}: {event.data['detail'] or 'as it should be'}"
        ),
        observed=False,
    ),
    Fact(
        "flaw",
        "{layer}, asked about '{check}' of {agent}: {detail}",
        observed=False,
        in_digest=False,
    ),
)
"""Every fact, in the order in which a trade meets them."""
