"""A counterexample as Python, to be pasted into a test.

Owns that text. Knows nothing of how the case was found.
"""

from crosslayer.harness.formats.counterexample import Counterexample
from crosslayer.harness.kernel.stack import reference
from crosslayer.harness.model.steps import ENVIRONMENT


def as_code(one: Counterexample) -> str:
    """A test function that runs the schedule and asserts that the property holds; it fails as long as it does not."""
    module, _, name = one.system.source.partition(":")
    used = sorted({type(step) for step in one.schedule}, key=lambda step: step.__name__)
    shared = [step.__name__ for step in used if step in ENVIRONMENT]
    own = [step for step in used if step not in ENVIRONMENT]
    population = one.scenario.population
    imports = {f"from {module or 'your_module'} import {name or 'SYSTEM'}"}
    imports |= {f"from {step.__module__} import {step.__name__}" for step in (*own, type(population))}
    usual = reference(one.system).names()
    swaps = [f"{part}={plugin}" for part, plugin in one.stack.items() if usual.get(part) != plugin]
    lines = [f"from crosslayer import {', '.join(shared)}"] if shared else []
    lines += ["from crosslayer.testing import run", *sorted(imports), "", ""]
    lines += [
        f"def test_{one.invariant}():",
        f"    schedule = [{', '.join(map(repr, one.schedule))}]",
        f"    result = run({name or 'SYSTEM'}, schedule, stack={swaps!r}, population={population!r})",
        f'    assert result["{one.invariant}"].outcome == "holds"',
    ]
    return "\n".join(lines)
