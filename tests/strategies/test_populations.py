import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from crosslayer.harness.kernel.simulation import run
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.system import REFERENCE
from tests.commerce import populations
from tests.play import scenario

LIMITS = st.tuples(st.integers(1, 5), *[st.integers(0, 4)] * 3)


@given(
    LIMITS.flatmap(
        lambda limits: st.tuples(
            st.just(limits), populations(**dict(zip(("buyer", "seller", "shill_seller", "shill"), limits, strict=True)))
        )
    )
)
def test_limits_are_kept(drawn: tuple[tuple[int, int, int, int], Population]) -> None:
    """There are never more agents of a role than asked for, but for the one seller without whom nobody could buy."""
    (buyers, sellers, shill_sellers, shills), population = drawn

    assert 1 <= population.buyer <= buyers
    assert population.seller <= max(sellers, int(population.shill_seller == 0))
    assert population.shill_seller <= shill_sellers
    assert population.shill <= shills


@given(populations())
def test_every_population_makes_a_run(population: Population) -> None:
    """A drawn population is one that a scenario takes, and no larger than partitions can name."""
    assert population == scenario(population).population
    assert len(population.names()) <= Population.most()


def test_crowds_are_drawn() -> None:
    """Populations range up to five buyers, four sellers, two shill sellers and six shills."""
    honest = find(populations(), lambda drawn: (drawn.buyer, drawn.seller) == (5, 4))
    corrupt = find(populations(), lambda drawn: (drawn.shill_seller, drawn.shill) == (2, 6))

    assert (Population(5, 4, 1, 1), Population(1, 1, 2, 6)) == (honest, corrupt)


def test_simplest_population_has_one_of_each() -> None:
    """Shrinking ends at one agent of each role, and such a run has nothing against it."""
    simplest = find(populations(), lambda _: True)

    assert Population(1, 1, 1, 1) == simplest
    assert None is run(scenario(simplest), REFERENCE).fault


def test_somebody_must_buy() -> None:
    """A strategy without buyers is refused where it is asked for, not when it is drawn from."""
    with pytest.raises(ValueError, match="populations need at least 1 buyer"):
        populations(buyer=0)
