"""What an agent is given: its name, its key, its handles on the four layers, and the common rules.

Owns the one value that an agent is made from. Knows nothing of what any agent does with it.
"""

from collections.abc import Callable, Mapping

from attrs import frozen

from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.kernel.layers import Record
from crosslayer.harness.kernel.store import Store
from crosslayer.harness.systems.commerce.nouns import Population, Terms, Timing
from crosslayer.harness.systems.commerce.ports import Clock, Payments, Privacy, Registry, Trust


@frozen(eq=False)
class Kit:
    """Everything that one agent may use.

    `dids` and `names` are public knowledge: every agent's DID by its name, and back. `store` is the agent's durable
    one: to ask for it is to claim that one can be made anew from what was synced there.
    """

    name: str
    signer: Signer
    registry: Registry
    payments: Payments
    privacy: Privacy
    trust: Trust
    record: Record
    population: Population
    timing: Timing
    terms: Terms
    dids: Mapping[str, str]
    names: Mapping[str, str]
    clock: Clock
    durable: Callable[[], Store] = Store

    @property
    def store(self) -> Store:
        """What survives a crash that loses memory."""
        return self.durable()

    @property
    def auditor(self) -> str:
        """The one auditor of the population."""
        return self.population.of("auditor")[0]
