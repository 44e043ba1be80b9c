"""Is what the hunt finds as short as can be? `python -m benchmarks.minimality MATRIX.json` prints a table of it.

Owns the comparison of the counterexamples of many seeds with the exhaustive search, which goes by levels, fewest
deviations first, in the counterexample's own population. The file is what `crosslayer matrix --json` printed.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen

from crosslayer.harness.commands.searches import CORES
from crosslayer.harness.formats import scenario
from crosslayer.harness.formats.codec import structure
from crosslayer.harness.model.steps import deviations
from crosslayer.harness.search.explore import Explored, Scope, explore, look
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.search.processes import here
from crosslayer.harness.search.workers import Task, alone
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.system import PRIVATE_COMMERCE, build
from crosslayer.properties.commerce import ALL

SEARCHED = 1
"""Deviations to which everything is searched. Two take hours in some populations, and need not be searched: if nothing
shorter breaks the promise, a counterexample of two is itself the witness that two do."""


@frozen
class Question:
    """How many deviations does it take to break this property, on this stack, in this population?"""

    assignment: str
    name: str
    population: Population


def least(judgement: Judgement, name: str) -> int:
    """The fewest deviations that break a property in the judgement's population, or one more than were searched."""
    about = judgement.about(name)
    state = explore(about, Scope(SEARCHED), alone(about, look), Explored(), wanted=(name,))
    found = state.cases.get(name)
    return SEARCHED + 1 if found is None else deviations(found.schedule)


def answered(question: Question) -> int:
    """Its answer."""
    chosen = attrs.evolve(scenario.shipped(PRIVATE_COMMERCE, "hunt"), population=question.population)
    return least(Judgement(chosen, build([question.assignment]), ALL), question.name)


def lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    """A line for each stack: what the explorer says, what the hunts found, and how many of them found as little."""
    asked = [question for row in rows for question in dict.fromkeys(_questions(row))]
    answers = dict(here(CORES).spread(Task(answered), asked))
    for row in rows:
        found = [one["deviations"] for one in row["catches"]]
        best = [answers[question] for question in _questions(row)]
        equal = sum(one == other for one, other in zip(found, best, strict=True))
        yield (
            row["name"],
            row["caught_by"],
            _counted(best),
            _counted(found),
            f"{equal} of {row['seeds']}",
        )


def _questions(row: Mapping[str, Any]) -> list[Question]:
    return [
        Question(row["stack"], row["caught_by"], structure(one["population"], Population, "population"))
        for one in row["catches"]
    ]


def _counted(numbers: Sequence[int]) -> str:
    counts = sorted(Counter(numbers).items())
    return str(counts[0][0]) if len(counts) == 1 else ", ".join(f"{number} ({times} times)" for number, times in counts)


def main() -> None:
    """The table in Markdown: a line for each stack."""
    rows = json.loads(Path(sys.argv[1]).read_text())["rows"]
    header = ("stack", "property", "fewest deviations", "the hunts' deviations", "as few")
    for line in (header, ("---",) * len(header), *lines(rows)):
        print(f"| {' | '.join(line)} |", flush=True)


if __name__ == "__main__":
    main()
