"""Who is made of what: each role as a list of behaviours.

Owns the table of roles. A variant of an agent is another function in such a table.
"""

from collections.abc import Callable, Mapping
from typing import ClassVar

from crosslayer.harness.kernel.world import Agent
from crosslayer.harness.systems.commerce.agents.auditing import Auditing
from crosslayer.harness.systems.commerce.agents.buying import Buying
from crosslayer.harness.systems.commerce.agents.drafts import Drafts
from crosslayer.harness.systems.commerce.agents.endpoint import Endpoint
from crosslayer.harness.systems.commerce.agents.guild import Guild
from crosslayer.harness.systems.commerce.agents.kit import Kit
from crosslayer.harness.systems.commerce.agents.purchasing import Purchasing
from crosslayer.harness.systems.commerce.agents.selling import Selling


class Participant(Endpoint):
    """An endpoint whose corrupt sides the adversary can reach; honest roles leave them None.

    `buying` is an honest buyer's: somebody may ask it to buy once more.
    """

    durable: ClassVar[bool] = True

    purchasing: Purchasing | None = None
    selling: Selling | None = None
    buying: Buying | None = None

    def close(self) -> None:
        """Forget the corrupt sides, too."""
        super().close()
        self.purchasing = self.selling = self.buying = None


def buyer(kit: Kit) -> Participant:
    """Finds sellers and buys once."""
    agent = Participant(kit)
    purchasing = Purchasing(agent)
    agent.buying = Buying(agent, purchasing)
    agent.behave(purchasing, agent.buying)
    return agent


def seller(kit: Kit) -> Participant:
    """Serves anyone who pays, and belongs to the guild."""
    agent = Participant(kit)
    drafts = Drafts(agent)
    agent.behave(drafts, Selling(agent, drafts), Guild(agent, drafts))
    return agent


def shill_seller(kit: Kit) -> Participant:
    """A seller outside the guild that the adversary controls; it may also buy."""
    agent = Participant(kit)
    drafts = Drafts(agent)
    agent.purchasing = Purchasing(agent)
    agent.selling = Selling(agent, drafts)
    agent.behave(drafts, agent.selling, agent.purchasing)
    return agent


def shill(kit: Kit) -> Participant:
    """Does nothing of its own accord; buys when the adversary says so."""
    agent = Participant(kit)
    agent.purchasing = Purchasing(agent)
    agent.behave(agent.purchasing)
    return agent


def auditor(kit: Kit) -> Participant:
    """Takes in evidence and scores."""
    agent = Participant(kit)
    agent.behave(Auditing(agent))
    return agent


Roles = Mapping[str, Callable[[Kit], Agent]]
"""For every role, how to make an agent of it."""

ROLES: Roles = {
    "buyer": buyer,
    "seller": seller,
    "shill_seller": shill_seller,
    "shill": shill,
    "auditor": auditor,
}


def make() -> Roles:
    """The reference protocol, as a factory of the `agents` part."""
    return ROLES
