from hypothesis import find, given

from crosslayer.harness.kernel.environment import partition
from crosslayer.harness.model.steps import Partition, isolated
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.strategies.partitions import partitions as partitions_of
from tests.commerce import SYSTEM
from tests.play import begun


@given(partitions_of(SYSTEM))
def test_groups_are_few(step: Partition) -> None:
    """A partition has one to three groups, and names no more agents than there are."""
    assert set(step.groups) <= {0, 1, 2}
    assert 1 <= len(step.groups) <= Population.most()


def test_isolated_agent_stands_alone() -> None:
    """The groups that isolate an agent part it from everyone else, whichever it is."""
    population = Population(5, 4, 2, 6)
    names = population.names()
    for index, name in enumerate(names):
        note = partition(begun(population=population).stage, Partition(isolated(index, len(names)))).note

        assert [name] == next(group for group in _groups(note) if name in group)


def test_simplest_partition_cuts_the_first_agent_off() -> None:
    """Shrinking ends at a partition that does part the network."""
    assert Partition((1, 0, 0)) == find(partitions_of(SYSTEM), lambda _: True)


def _groups(note: str) -> list[list[str]]:
    return [group.split(", ") for group in note.partition(": ")[2].split(" | ")]
