"""From a raw failing case to a finished counterexample: reduce, verify, blame, explain, tell, save.

Owns that order. Knows nothing of how the case was found.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen

from crosslayer.harness.explain.blame import blame
from crosslayer.harness.explain.determinism import difference
from crosslayer.harness.explain.fewest import fewest
from crosslayer.harness.explain.reasons import explain
from crosslayer.harness.explain.reduce import is_one_minimal
from crosslayer.harness.explain.report import line
from crosslayer.harness.explain.story import headline, story, unreliable
from crosslayer.harness.formats.counterexample import FAULT, Case, Counterexample, save
from crosslayer.harness.formats.trace import trail
from crosslayer.harness.model.errors import BadInput, OutputLost
from crosslayer.harness.model.scenario import Faults
from crosslayer.harness.model.verdicts import Outcome, Property
from crosslayer.harness.search.judgement import Judgement, verdict


@frozen(eq=False)
class Finding:
    """A finished counterexample, its story, the file it was saved in, and the story in detail.

    The file is empty if it was not to be saved, or could not be; `unsaved` says why not. It is `unreliable` if the
    schedule that broke the property in the search does not when it is run again: then it is no counterexample at all.
    """

    counterexample: Counterexample
    story: str
    file: str
    details: str = ""
    unsaved: str = ""
    evidence: tuple[int, ...] = ()
    unreliable: bool = False


RAW = "raw-"
"""How the file of a find begins that is not shrunk yet."""


def keep_raw(judgement: Judgement, name: str, case: Case, found: Mapping[str, Any], folder: Path) -> Path:
    """Save a case as it was found, before anything else is done with it. It has no digest: it was not run again."""
    scenario = attrs.evolve(judgement.scenario, population=case.population, faults=Faults(), adversary=(), stack=())
    one = Counterexample(
        invariant=name,
        scenario=scenario,
        stack=judgement.stack.names(),
        schedule=case.schedule,
        digest="",
        story="as it was found, not shrunk yet",
        found=dict(found),
        system=judgement.stack.system,
    )
    return save(one, folder, RAW)


def finish(
    judgement: Judgement, name: str, case: Case, found: Mapping[str, Any], folder: Path | None = None
) -> Finding:
    """Everything that is to be known of a case that breaks the property of this name."""
    patient, judgement = judgement, _affordable(judgement, name, case)
    small = fewest(judgement, name, case)
    small = small if patient is judgement or patient.breaks(name, small) else case
    minimal = is_one_minimal(small, lambda candidate: judgement.breaks(name, candidate))
    explanation = explain(judgement, name, small)
    scenario = attrs.evolve(judgement.scenario, population=small.population, faults=Faults(), adversary=(), stack=())
    final = attrs.evolve(patient, scenario=scenario)
    result = final.run(small)
    doubt = difference(result, final.run(small))
    counterexample = Counterexample(
        invariant=name,
        scenario=scenario,
        stack=result.header.stack,
        schedule=small.schedule,
        digest=result.digest,
        trail=trail(result.header, result.events),
        blame=blame(judgement, name, small),
        minimal=minimal,
        why=tuple(reason.to_json() for reason in explanation.reasons),
        passing=explanation.passing,
        found={**found, "not_deterministic": doubt} if doubt else dict(found),
        system=judgement.stack.system,
    )
    counterexample = attrs.evolve(counterexample, story=headline(counterexample, result))
    file, unsaved = "", ""
    try:
        file = "" if folder is None else str(save(counterexample, folder))
    except (BadInput, OutputLost) as error:
        unsaved = str(error)
    said = verdict(result, name)
    if said.outcome is not Outcome.VIOLATED:
        told = unreliable(counterexample, claim(judgement.properties, name), result.header.stack, file)
        return Finding(counterexample, told, file, told, unsaved, unreliable=True)
    brief, details = (
        story(
            counterexample,
            result,
            claim(judgement.properties, name),
            explanation.reasons,
            file,
            agents=explanation.agents,
            verbose=verbose,
        )
        for verbose in (False, True)
    )
    warning = f"warning: not deterministic: {line(doubt)}\n\n" if doubt else ""
    return Finding(counterexample, warning + brief, file, warning + details, unsaved, said.evidence)


def _affordable(judgement: Judgement, name: str, case: Case) -> Judgement:
    """The judgement with which this case can be tried a hundred times: a hurried one, if it does not end by itself."""
    fault = judgement.run(case).fault if name == FAULT else None
    return judgement if fault is None or not fault.endless else judgement.hurried()


def claim(properties: Sequence[Property], name: str) -> Property | None:
    """The property of this name, if there is one."""
    return next((one for one in properties if one.name == name), None)
