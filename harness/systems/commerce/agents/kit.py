"""What an agent is given: its name, its key, its handles on the four layers, and the common rules.

Owns the one value that an agent is made from. Knows nothing of what any agent does with it.
"""

from collections.abc import Mapping

from attrs import frozen

from crosslayer.harness.kernel.crypto import Signer
from crosslayer.harness.kernel.layers import Record
from crosslayer.harness.systems.commerce.nouns import Population, Terms, Timing
from crosslayer.harness.systems.commerce.ports import Clock, Payments, Privacy, Registry, Trust


@frozen(eq=False)
class Kit:
    """Everything that one agent may use.

    `dids` and `names` are public knowledge: every agent's DID by its name, and back.
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

    @property
    def auditor(self) -> str:
        """The one auditor of the population."""
        return self.population.of("auditor")[0]
