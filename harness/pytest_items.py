"""What the pytest plugin runs: a hunt per invariant and shard, and the entries of a corpus.

Owns the tests and how their failures read. A composition root, like the command line: it sees everything.
"""

import json
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest
from attrs import frozen

from crosslayer.harness.explain.determinism import doubt
from crosslayer.harness.explain.findings import Finding, claim, finish
from crosslayer.harness.explain.layout import fitted
from crosslayer.harness.explain.reasons import Reason
from crosslayer.harness.explain.story import story
from crosslayer.harness.formats import scenario
from crosslayer.harness.formats.counterexample import MARK, Counterexample, load
from crosslayer.harness.formats.naming import Find
from crosslayer.harness.keep.corpus import CORPUS, FOUND, entries, judge
from crosslayer.harness.kernel import foreign
from crosslayer.harness.kernel.stack import Stack, build
from crosslayer.harness.model.errors import BadInput, CrosslayerError, ProcessLost
from crosslayer.harness.model.system import System, with_properties, without_properties
from crosslayer.harness.model.verdicts import Property
from crosslayer.harness.process import crash
from crosslayer.harness.process.parent import STALL_SECONDS, Child
from crosslayer.harness.search.canary import SELF_TEST_FAILED
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.systems.finding import DEFAULT, find_system, in_files
from crosslayer.strategies.canary import canary
from crosslayer.strategies.hunt import EXAMPLES, Budget, Hunted, hunt

APART = 1_000_000_007
"""Between the seeds of two shards, far enough from the seeds that people choose, and from those of a hunt's goes."""


SECONDS = 10.0
"""Seconds of all hunts of a session together, unless runs or seconds are asked for."""


class Red(Exception):
    """A test failed; the text is all there is to say."""


class Same(Exception):
    """A test came upon nothing but what another test of this session fails with; the text says which."""


@frozen(eq=False)
class Session:
    """What all tests of one session share."""

    stack: Stack
    find: Find
    folder: Path
    examples: int
    seed: int
    allowed: tuple[str, ...]
    seconds: float | None
    claims: Path

    def seed_of(self, shard: int) -> int:
        """The seed of a shard's hunt; that of the first is the session's own, as on the command line."""
        return self.seed + shard * APART

    def first(self, test: str, finding: Finding) -> str:
        """The test of this session that tells this finding: the first of all workers to ask."""
        place = self.claims / Path(finding.file).name
        try:
            with place.open("x") as file:
                file.write(test)
        except FileExistsError:
            return place.read_text() or "another test"
        return test

    @property
    def judgement(self) -> Judgement:
        """The stack under test, on the timeline of hunts."""
        system = self.stack.system
        return Judgement(scenario.shipped(system, "hunt"), self.stack, system.properties)


class Group(pytest.Collector):
    """The parent of all tests of this plugin."""

    def collect(self) -> list[pytest.Item]:
        """Tests are made by `items`."""
        return []


class Test(pytest.Item):
    """A test whose failure is a story, or one clear line; what it does is one of the `Trials` of a session."""

    __test__ = False

    def __init__(self, *, trials: "Trials", **kw: Any) -> None:
        super().__init__(**kw)
        self.trials = trials

    def runtest(self) -> None:
        """Do it; `Red` if it fails."""
        try:
            self.trials.run(self.name)
        except Same as same:
            pytest.skip(str(same))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The story alone, without a traceback into the harness; and its first line for pytest's short summary.

        The summary trims what it is given to the terminal, but not on CI, where it would tell the whole story again.
        """
        if not isinstance(excinfo.value, (Red, CrosslayerError)):
            return super().repr_failure(excinfo, style)
        told, text = excinfo.getrepr(style="value", chain=False), str(excinfo.value)
        if told.reprcrash is not None:
            told.reprcrash.message = text.partition("\n")[0]
        if "FAIL  " in text:  # a story; other lines stay whole, to be searched for
            for entry in told.reprtraceback.reprentries:
                entry.lines = fitted(text, self.config.get_terminal_writer().fullwidth).split("\n")
        return told

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where a test of no file stands."""
        return self.path, None, self.name


class HuntTest:
    """One shard of the hunt for violations of some properties."""

    def __init__(
        self, *, name: str, session_: Session, properties: Sequence[Property], shard: int, shards: int
    ) -> None:
        self.name = name
        self.shared = session_
        self.properties = tuple(properties)
        self.shard = shard
        self.shards = shards

    def runtest(self) -> None:
        """Catch the canary; then hunt, and fail with the story of what was found.

        A share of the runs or seconds may be too small to exercise a rare invariant. That says nothing of the whole
        hunt, so such a shard goes on, at most for as many runs as all shards together were given.
        """
        _require_canary(self.shared.stack.system)
        shared, judgement = self.shared, self.shared.judgement
        hunted = self._hunt(-(-shared.examples // self.shards), shared.seconds)
        if self._never(hunted) and not hunted.cases:
            hunted = self._hunt(shared.examples, None, until_exercised=shared.seconds is not None)
        how = {"how": "pytest", "test": self.name, "seed": self.seed, "examples": hunted.examples}
        findings = [
            finish(judgement, name, case, {**how, "first": hunted.first[name]}, shared.folder)
            for name, case in hunted.cases.items()
        ]
        told = [one.story for one in findings if not one.file or shared.first(self.name, one) == self.name]
        if told:
            raise Red("\n\n".join(told))
        if findings:
            same = [f"{shared.first(self.name, one)} ({one.file})" for one in findings]
            raise Same(f"the same failure as {', '.join(same)}")
        never = self._never(hunted)
        if never:
            raise Red(f"vacuous: {', '.join(never)} exercised in none of {hunted.examples} runs")
        unsure = doubt(judgement, self.seed)
        if unsure:
            raise Red(f"{unsure}; no verdict of its runs can be relied on")

    @property
    def seed(self) -> int:
        """The seed of this shard's hunt."""
        return self.shared.seed_of(self.shard)

    def _hunt(self, examples: int, seconds: float | None, *, until_exercised: bool = False) -> Hunted:
        judgement = self.shared.judgement
        wanted = [one.name for one in self.properties] if len(self.properties) == 1 else ()
        budget = Budget(examples, seconds, self.seed)
        enough: list[Hunted] = []

        def see(now: Hunted) -> None:
            if until_exercised and not self._never(now):
                enough[:] = [now]

        return hunt(
            judgement.scenario,
            judgement.stack,
            self.properties,
            budget,
            wanted=wanted,
            progress=see,
            stop=lambda: bool(enough),
        )

    def _never(self, hunted: Hunted) -> tuple[str, ...]:
        """The joint invariants that a hunt never exercised."""
        return tuple(one.name for one in self.properties if one.joint and not hunted.exercised[one.name])


class EntryTest:
    """One entry of the corpus: true, and kept by the stack under test, if one is named."""

    def __init__(self, *, name: str, session_: Session, file: Path, under_test: bool) -> None:
        self.name = name
        self.shared = session_
        self.file = file
        self.under_test = under_test

    def runtest(self) -> None:
        """Judge the entry, as `crosslayer corpus verify` does."""
        one = load(self.file, self.shared.find)
        properties = one.system.properties
        today = self.shared.stack if self.under_test else None
        judged = judge(one, properties, self.shared.allowed, str(self.file), today)
        if judged.back is not None:
            told = story(one, judged.back, claim(properties, one.invariant), _reasons(one), str(self.file))
            raise Red(f"{told}\n  Entry           {judged.kind}: {judged.wrong[0]}")
        if judged.wrong:
            raise Red("\n".join((f"{self.file} is not true any more ({judged.kind})", *judged.wrong)))


def items(session: pytest.Session, options: Mapping[str, Any], workers: int, root: Path) -> Iterator[pytest.Item]:
    """All tests of a session: hunts if a stack is named, entries if a corpus is."""
    try:
        claims = _claims(session.config)
        trials = Trials({**options, "claims": str(claims)}, workers, root)
        session.config.add_cleanup(trials.close)
        names = trials.names()
    except (BadInput, ProcessLost) as error:
        raise pytest.UsageError(str(error)) from None
    group = Group.from_parent(session, name="crosslayer", nodeid="crosslayer")
    for name in names:
        yield Test.from_parent(group, name=name, trials=trials)


class Trials:
    """What the tests of a session do, here or, where it takes code of strangers, in one child process for all of them.

    So no plugin can end the session, or a worker of it: what ends is the child, and the next test gets another one.
    """

    def __init__(self, options: Mapping[str, Any], workers: int, root: Path) -> None:
        stall = options.get("stall_timeout")
        seconds = _seconds(stall) if stall else STALL_SECONDS
        self._job = {"options": {**options}, "workers": workers, "root": str(root)}
        self._made: Mapping[str, HuntTest | EntryTest] = {}
        self._in_process = bool(options.get("in_process"))
        self._child = Child(seconds)

    def names(self) -> list[str]:
        """The names of all tests; `BadInput` if the options are not such as can be used."""
        return list(self._here_or_there(self._all, f"{__name__}:names"))

    def run(self, name: str) -> None:
        """Do what the test of this name does; `Red` if it fails."""
        self._here_or_there(lambda: self._run(name), f"{__name__}:run", name)

    def _run(self, name: str) -> None:
        self._all()[name].runtest()

    def _all(self) -> Mapping[str, HuntTest | EntryTest]:
        if not self._made:
            self._made = _trials(self._job)
        return self._made

    def close(self) -> None:
        """End the child."""
        self._child.close()

    def _here_or_there(self, do: Callable[[], Any], there: str, name: str = "") -> Any:
        if self._in_process:
            return do()
        try:
            with foreign.closed():
                return do()
        except foreign.Foreign:
            pass
        answer = self._child.ask(there, {**self._job, "name": name})
        if "bad" in answer:
            raise BadInput(*answer["bad"])
        if "red" in answer:
            raise Red(answer["red"])
        if "same" in answer:
            raise Same(answer["same"])
        return answer["done"]


def names(job: Mapping[str, Any]) -> dict[str, Any]:
    """In the child: the names of all tests."""
    return _answered(job, list)


def run(job: Mapping[str, Any]) -> dict[str, Any]:
    """In the child: what came of one test."""
    return _answered(job, lambda trials: trials[job["name"]].runtest())


def _answered(job: Mapping[str, Any], do: Callable[[Mapping[str, Any]], Any]) -> dict[str, Any]:
    key = json.dumps({name: value for name, value in job.items() if name != "name"})
    try:
        with foreign.opened() as visit:
            done = do(_trials_of(key))
    except BadInput as error:
        return {"bad": [error.place, error.reason]}
    except (Red, CrosslayerError) as error:
        return {"red": str(error)}
    except Same as error:
        return {"same": str(error)}
    except Exception as error:  # noqa: BLE001 - whatever it is, the session goes on
        return {"red": crash.details(error, ())}
    bent = visit.replaced()
    return {"red": f"plugin fault: a plugin replaced {bent}; no verdict can be trusted"} if bent else {"done": done}


@cache
def _trials_of(key: str) -> dict[str, HuntTest | EntryTest]:
    """As `_trials`, made once in a child."""
    return _trials(json.loads(key))


def _trials(job: Mapping[str, Any]) -> dict[str, HuntTest | EntryTest]:
    """All that the tests of a session do, by name."""
    options, workers, root = job["options"], job["workers"], Path(job["root"])
    shared = _session(options, root)
    found: dict[str, HuntTest | EntryTest] = {}
    if _hunts(options):
        groups = tuple(_groups(shared.stack.system))
        if shared.seconds is not None:
            shared = attrs.evolve(shared, seconds=shared.seconds / len(groups))
        for name, properties in groups:
            for shard in range(workers):
                suffix = f"[{shard + 1}/{workers}]" if workers > 1 else ""
                test = f"hunt-{name}{suffix}"
                found[test] = HuntTest(name=test, session_=shared, properties=properties, shard=shard, shards=workers)
    for file in _files(options, root):
        test = f"corpus-{file.stem}"
        while test in found:  # of two folders of the corpus
            test += "+"
        found[test] = EntryTest(name=test, session_=shared, file=file, under_test=_hunts(options))
    return found


def _claims(config: pytest.Config) -> Path:
    """A folder that all workers of this session share, and no other session."""
    session: str = getattr(config, "workerinput", {}).get("testrunuid", "")
    if not session:
        folder = tempfile.TemporaryDirectory(prefix="crosslayer-")
        config.add_cleanup(folder.cleanup)
        return Path(folder.name)
    shared = Path(tempfile.gettempdir()) / f"crosslayer-{session}"
    shared.mkdir(exist_ok=True)
    return shared


def _near(path: Path) -> Path:
    """The path as one would type it: from the working folder, if it lies in there."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _reasons(one: Counterexample) -> tuple[Reason, ...]:
    return tuple(Reason.from_json(value) for value in one.why)


def _budget(options: Mapping[str, Any]) -> float | None:
    """The seconds of all hunts together."""
    if options.get("seconds"):
        return _seconds(options["seconds"], "seconds")
    return None if options["examples"] else SECONDS


def _seconds(text: str, name: str = "stall-timeout") -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < math.inf:
        raise BadInput(f"--crosslayer-{name} {text}", "write a number of seconds")
    return seconds


def _hunts(options: Mapping[str, Any]) -> bool:
    """Whether anything is to be hunted in: a stack or a system was named."""
    return bool(options["stack"] or options["system"] or options.get("property"))


def _groups(system: System) -> Iterator[tuple[str, tuple[Property, ...]]]:
    """The properties that are hunted for together: each joint invariant alone, and all contracts."""
    for one in system.joint:
        yield one.name, (one,)
    contracts = tuple(one for one in system.properties if not one.joint)
    if contracts:
        yield "contracts", contracts


def _files(options: Mapping[str, Any], root: Path) -> Sequence[Path]:
    """The corpus. Where a stack is hunted in, it may be a folder that is yet to be made; alone, it must be there.

    If none is named it is the one that the commands take; a folder of that name may hold other things as well.
    """
    folder = _near(root / (options["corpus"] or CORPUS))
    if _hunts(options) and not folder.is_dir():
        return ()
    return entries(folder) if options["corpus"] else tuple(file for file in entries(folder) if _is_ours(file))


def _is_ours(file: Path) -> bool:
    with file.open("rb") as opened:
        return MARK in opened.read(100)


def _with_own(system: System, paths: Sequence[str]) -> System:
    for path in paths:
        if type(foreign.found(path, f"--crosslayer-property {path}")) is not Property:
            raise BadInput(f"--crosslayer-property {path}", "is no Property: name one as module:PROPERTY")
    return with_properties(system, *paths)


def _session(options: Mapping[str, Any], root: Path) -> Session:
    system = _with_own(find_system(options["system"] or DEFAULT, "--crosslayer-system"), options.get("property") or ())
    return Session(
        stack=build(system, options["stack"] or (), "--crosslayer-stack"),
        find=in_files(system if options["system"] else None, tuple(options["allow"] or ())),
        folder=_near(root / (options["save"] or FOUND)),
        examples=_number(options, "examples", EXAMPLES, least=1),
        seed=_number(options, "seed", 0, least=0),
        allowed=tuple(options["allow"] or ()),
        seconds=_budget(options),
        claims=Path(options["claims"]),
    )


_DIGITS = 18
"""Digits of a number."""


def _number(options: Mapping[str, Any], name: str, default: int, *, least: int) -> int:
    text = options[name]
    if text is None:
        return default
    if not str(text).isdecimal() or len(str(text)) > _DIGITS or int(text) < least:
        raise BadInput(f"--crosslayer-{name} {text}", f"write a number, {least} or more")
    return int(text)


@cache
def _canary(system: System) -> str:
    return canary(system, scenario.shipped(system, "hunt"), system.joint)


def _require_canary(system: System) -> None:
    missed = _canary(without_properties(system))
    if missed:
        raise Red(SELF_TEST_FAILED.format(missed))
