from collections.abc import Iterable

import attrs
import pytest

from crosslayer.harness.formats import scenario
from crosslayer.harness.model.verdicts import Property
from crosslayer.harness.systems.commerce.system import PRIVATE_COMMERCE
from crosslayer.properties.commerce import ALL, JOINT
from crosslayer.strategies import canary as canaries
from crosslayer.strategies.hunt import Hunted
from tests.commerce import KNOWN_BAD, canary
from tests.watching import never

HUNT = scenario.shipped(PRIVATE_COMMERCE, "hunt")


def blinded(properties: Iterable[Property], name: str) -> tuple[Property, ...]:
    """These properties, one of which has gone blind: it never sees anything."""
    blind = never("blind")
    return tuple(attrs.evolve(one, watch=blind.watch) if one.name == name else one for one in properties)


@pytest.mark.parametrize("properties", [JOINT, ALL], ids=["joint", "all"])
def test_canary_sings(properties: tuple[Property, ...]) -> None:
    """A harness that sees has nothing to report, whether or not it watches the layer contracts, too."""
    assert "" == canary(HUNT, properties)


@pytest.mark.parametrize(("swap", "name"), KNOWN_BAD.items())
def test_blind_monitor_silences_the_canary(swap: str, name: str) -> None:
    """If one monitor sees nothing any more, the swap that it should have seen is named."""
    assert f"{swap} must violate {name} alone, not nothing" == canary(HUNT, blinded(JOINT, name))


def test_false_alarm_silences_the_canary() -> None:
    """A monitor that cries wolf is no better than a blind one: each swap must break its own promise and no other."""
    wolf = never("wolf", "end")

    assert "registry=in_memory must violate commerce_discovery_precedes_bid alone, not " in canary(HUNT, (*JOINT, wolf))


def test_idle_machine_silences_the_canary(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the machine finds nothing where there is something in almost every run, that is reported."""
    monkeypatch.setattr(canaries, "hunt", lambda *_, **__: Hunted(examples=5))

    assert "5 runs of the hunt did not see privacy=noop break commerce_bid_opacity" == canary(HUNT, JOINT)
