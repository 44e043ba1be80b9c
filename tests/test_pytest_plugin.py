import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

from crosslayer.harness import pytest_items
from crosslayer.harness.formats.counterexample import FIXED
from crosslayer.harness.systems.commerce.nouns import Population
from crosslayer.harness.systems.commerce.steps import Withhold
from crosslayer.harness.systems.commerce.system import build
from crosslayer.properties.commerce import ALL
from crosslayer.strategies import machine
from crosslayer.strategies.hunt import Budget, Hunted
from tests.cases import SWAP, recorded, robbery, written
from tests.commands.invoking import answered
from tests.commerce import SYSTEM, load, populations
from tests.strategies.test_canary import blinded

BROKEN = "from crosslayer.harness.systems.commerce.plugins.trust_score_average import make\n"
REPAIRED = "from crosslayer.harness.systems.commerce.plugins.trust_paid_receipts import make  # repaired\n"
FAILING = "def make(roster):\n    raise RuntimeError('out of order')\n"
OWN = (
    *("--crosslayer-stack", "trust=own_trust:make", "--crosslayer-corpus", "corpus", "--crosslayer-examples", "25"),
    "--crosslayer-in-process",  # what is changed here, for a short hunt, would not be changed in a child
)
HUNTS = 7
UNDELIVERED = "commerce_undelivered_penalized"
EARNED = "commerce_reputation_earned"


@pytest.fixture
def repository(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A user's repository: a trust plugin that is broken, and a test of its own. Hunts in it are short and aimed."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.delitem(sys.modules, "own_trust", raising=False)
    monkeypatch.setattr(machine, "populations", lambda _system: populations(buyer=2, seller=0, shill_seller=1, shill=1))
    pytester.makepyfile(own_trust=BROKEN, test_own="def test_own():\n    pass\n")
    return pytester


def _found(repository: pytest.Pytester) -> list[str]:
    return sorted(load(path).invariant for path in (repository.path / "counterexamples").glob("*"))


def _entry(repository: pytest.Pytester, **changes: Any) -> Path:
    one = attrs.evolve(recorded(build([SWAP]), Population(2, 0, 1), Withhold()), **changes)
    (repository.path / "corpus").mkdir(exist_ok=True)
    return written(repository.path / "corpus" / f"{one.name}.json", one)


def test_broken_plugin_is_red_and_told(repository: pytest.Pytester) -> None:
    """A broken plugin fails the test of the promise that it breaks, with the story and no traceback."""
    result = repository.runpytest_inprocess(*OWN)

    result.assert_outcomes(passed=HUNTS - 2, failed=3)
    result.stdout.fnmatch_lines(
        [
            f"_* hunt-{UNDELIVERED} _*",
            'FAIL  trust=own_trust:make breaks "a seller that took an honest buyer*',
            "  Culprit         the trust layer: with paid_receipts (the reference) instead*",
            "  tick   0  ADVERSARY  shill_seller-0 will withhold the goods of buyer-0",
            "  Replay          crosslayer replay counterexamples/*--stack trust=own_trust:make",
            f"FAILED crosslayer::hunt-{UNDELIVERED}*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    assert [EARNED, UNDELIVERED, "trust"] == _found(repository)


def test_repaired_plugin_is_green(repository: pytest.Pytester) -> None:
    """Once it is repaired, everything is green: the hunts, and each regression that the broken one left."""
    repository.runpytest_inprocess(*OWN)
    for path in (repository.path / "counterexamples").glob("*"):
        one = attrs.evolve(load(path), expect=FIXED)
        (repository.path / "corpus").mkdir(exist_ok=True)
        written(repository.path / "corpus" / f"{one.name}.json", one)
    left = _found(repository)
    repository.makepyfile(own_trust=REPAIRED)

    result = repository.runpytest_inprocess(*OWN, "-v")

    result.assert_outcomes(passed=1 + HUNTS + len(left))
    result.stdout.fnmatch_lines([f"crosslayer::corpus-{UNDELIVERED}-* PASSED*"])
    assert left == _found(repository)


@pytest.mark.parametrize("expect", ["fixed", "violated"])
def test_regression_that_is_back_is_red(repository: pytest.Pytester, expect: str) -> None:
    """What the stack under test once broke, and breaks again, is red with its story, and is said to be back.

    An entry that only says "violated" is a regression, too, if it names the very plugin that is under test.
    """
    _entry(repository, expect=expect, stack={**robbery().stack, "trust": "own_trust:make"})

    result = repository.runpytest_inprocess(*OWN, "-k", "corpus")

    result.assert_outcomes(failed=1, deselected=1 + HUNTS)
    result.stdout.fnmatch_lines(
        [
            "FAIL  the stack with trust=own_trust:make breaks*",
            "  Entry           regression: is back: shill_seller-0 took*",
        ]
    )


@pytest.mark.parametrize("words", [(), ("--crosslayer-allow", "own_trust")], ids=["under test", "alone"])
def test_regression_is_judged_by_the_plugin_of_today(repository: pytest.Pytester, words: tuple[str, ...]) -> None:
    """With a stack or without one, a regression is green once the plugin that it names is repaired."""
    _entry(repository, expect="fixed", stack={**robbery().stack, "trust": "own_trust:make"})
    repository.makepyfile(own_trust=REPAIRED)
    options = ("--crosslayer-corpus", "corpus", *words) if words else OWN

    repository.runpytest_inprocess(*options, "-k", "corpus").assert_outcomes(
        passed=1, deselected=1 if words else 1 + HUNTS
    )


def test_corpus_of_the_commands_is_that_of_the_plugin(repository: pytest.Pytester) -> None:
    """Where a stack is named and no corpus, the folder is that of the commands; other files are left alone."""
    file = _entry(repository)
    file.with_name("words.json").write_text("[]")

    result = repository.runpytest_inprocess("--crosslayer-stack", "trust=own_trust:make", "-k", "corpus")

    result.assert_outcomes(failed=1, deselected=1 + HUNTS)


def test_entry_is_red_while_the_plugin_is_broken(repository: pytest.Pytester) -> None:
    """An entry that the stack under test still breaks is red, with the story, before anything is hunted for."""
    file = _entry(repository)

    result = repository.runpytest_inprocess(*OWN, "-k", "corpus")

    result.assert_outcomes(failed=1, deselected=1 + HUNTS)
    result.stdout.fnmatch_lines([f"collected {2 + HUNTS} items / {1 + HUNTS} deselected / 1 selected"])
    near = file.relative_to(repository.path)
    result.stdout.fnmatch_lines(
        ["FAIL  the stack with trust=own_trust:make breaks *", f"  Replay          crosslayer replay {near}"]
    )
    result.stdout.fnmatch_lines(["  Entry           known bad: is broken by the stack under test, too:*"])


def test_entry_is_red_while_the_plugin_fails(repository: pytest.Pytester) -> None:
    """A plugin that fails has kept no promise: its entries are red, too."""
    _entry(repository)
    repository.makepyfile(own_trust=FAILING)

    result = repository.runpytest_inprocess(*OWN, "-k", "corpus")

    result.assert_outcomes(failed=1, deselected=1 + HUNTS)
    result.stdout.fnmatch_lines(["the run ended in a plugin fault: trust plugin: *"])


def test_nothing_is_added_without_options(repository: pytest.Pytester) -> None:
    """Who names neither stack nor corpus has their own tests and no others."""
    result = repository.runpytest_inprocess("-v")

    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*crosslayer::*")


def test_nothing_heavy_is_imported_without_options(pytester: pytest.Pytester) -> None:
    """Nor does it cost them anything: nothing of the engine is imported, nor anything that it needs."""
    pytester.makepyfile(
        "import sys\n\n\n"
        "def test_own():\n"
        "    assert 'crosslayer.pytest_plugin' in sys.modules\n"
        "    ours = {name for name in sys.modules if name.startswith('crosslayer.')}\n"
        "    assert ours == {'crosslayer.pytest_plugin'}\n"
        "    heavy = {'attr', 'attrs', 'cattrs', 'click', 'cryptography', 'hypothesis', 'networkx', 'rich', 'yaml'}\n"
        "    assert not heavy & sys.modules.keys()\n"
    )

    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_options_may_stand_in_the_ini_file(repository: pytest.Pytester) -> None:
    """What can be said on the command line can be said in the ini file; the command line wins."""
    repository.makeini(
        "[pytest]\ncrosslayer_stack =\n    trust=own_trust:make\n"
        "crosslayer_examples = many\ncrosslayer_corpus = corpus\n"
    )

    result = repository.runpytest_inprocess("--crosslayer-examples", "25", "-k", "undelivered")

    result.assert_outcomes(failed=1, deselected=HUNTS)
    assert [UNDELIVERED] == _found(repository)


def test_bad_settings_are_one_line(repository: pytest.Pytester) -> None:
    """A key that is none is a usage error with the right one."""
    repository.makepyprojecttoml('[tool.crosslayer]\nstak = "trust=own_trust:make"\n')

    result = repository.runpytest_inprocess()

    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["ERROR: *stak: there is no such key; *did you mean stack?"])


def test_options_may_stand_in_pyproject(repository: pytest.Pytester) -> None:
    """What is settled for all commands counts for the plugin, too."""
    repository.makepyprojecttoml(
        '[tool.crosslayer]\nstack = ["trust=own_trust:make"]\nexamples = 25\n\n[tool.pytest.ini_options]\n'
    )

    result = repository.runpytest_inprocess("--collect-only", "-q")

    assert HUNTS == sum(line.startswith("crosslayer::hunt-") for line in result.stdout.lines)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--crosslayer-stack", "trust"), "--crosslayer-stack trust: write it as layer=plugin, for instance *"),
        (("--crosslayer-stack", "trust=none:make"), "--crosslayer-stack trust=none:make: none cannot be imported: *"),
        (("--crosslayer-stack", "rain=noop"), "--crosslayer-stack rain=noop: there is no layer 'rain'; *"),
        ((*OWN, "--crosslayer-examples", "many"), "--crosslayer-examples many: write a number, 1 or more"),
        ((*OWN, "--crosslayer-examples", "0"), "--crosslayer-examples 0: write a number, 1 or more"),
        ((*OWN, "--crosslayer-seed", "-1"), "--crosslayer-seed -1: write a number, 0 or more"),
        (("--crosslayer-corpus", "corpse"), "*corpse: there is no such folder"),
    ],
)
def test_bad_options_are_one_line(repository: pytest.Pytester, words: tuple[str, ...], reason: str) -> None:
    """Options that cannot be used give one usage line, no test is run, and the exit status is pytest's own for it."""
    result = repository.runpytest_inprocess(*words)

    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines([f"ERROR: {reason}"])
    assert 1 == len([line for line in result.stderr.lines if line.strip()])


def test_corpus_alone_is_verified(repository: pytest.Pytester) -> None:
    """Without a stack, each entry is a test that it is true; nothing is hunted for."""
    _entry(repository)

    result = repository.runpytest_inprocess("--crosslayer-corpus", "corpus")

    result.assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"digest": "00" * 32}, "drifted: the trace differs in its header *"),
        ({"schedule": ()}, "fixed: vacuous: *"),
        ({"stack": build([]).names()}, "it blames the reference stack"),
    ],
    ids=["digest", "schedule", "reference"],
)
def test_untrue_entry_is_red(repository: pytest.Pytester, changes: dict[str, object], reason: str) -> None:
    """An entry is red if its stack no longer breaks the promise in that run, or if it accuses nobody."""
    file = _entry(repository, **changes)

    result = repository.runpytest_inprocess("--crosslayer-corpus", "corpus")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([f"{file.relative_to(repository.path)} is not true any more*", reason])


def test_entry_that_cannot_be_read_is_red(repository: pytest.Pytester) -> None:
    """A file in the corpus that is no counterexample is one clear line of its own test."""
    _entry(repository)
    (repository.path / "corpus" / "a.json").write_text("{}")

    result = repository.runpytest_inprocess("--crosslayer-corpus", "corpus")

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*a.json: is no Crosslayer counterexample"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_code_of_an_entry_must_be_named(repository: pytest.Pytester) -> None:
    """An entry with a foreign plugin is red until its package is allowed."""
    _entry(repository, stack={**robbery().stack, "trust": "own_trust:make"}, digest="00" * 32)

    refused = repository.runpytest_inprocess("--crosslayer-corpus", "corpus")
    allowed = repository.runpytest_inprocess("--crosslayer-corpus", "corpus", "--crosslayer-allow", "own_trust")

    refused.stdout.fnmatch_lines(["*or --allow own_trust"])
    allowed.stdout.fnmatch_lines(["drifted: the trace differs*"])


def test_vacuous_hunt_is_red(repository: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """An invariant that was never exercised is no pass: the test is red and says so."""
    monkeypatch.setattr(machine, "populations", lambda _system: populations(shill_seller=0))
    repository.makepyfile(own_trust=REPAIRED)

    result = repository.runpytest_inprocess(*OWN, "-k", "undelivered")

    result.assert_outcomes(failed=1, deselected=HUNTS)
    result.stdout.fnmatch_lines([f"vacuous: {UNDELIVERED} exercised in none of 25 runs"])


def test_failed_self_test_is_red(repository: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a monitor gone blind, every hunt is red, whatever it might have found."""
    blind = attrs.evolve(SYSTEM, properties=blinded(SYSTEM.properties, "commerce_bid_opacity"))
    monkeypatch.setattr(pytest_items, "find_system", lambda *_: blind)
    pytest_items._canary.cache_clear()  # noqa: SLF001 - once per session, and this is another one
    try:
        result = repository.runpytest_inprocess(*OWN, "-k", "hunt")
    finally:
        pytest_items._canary.cache_clear()  # noqa: SLF001

    result.assert_outcomes(failed=HUNTS, deselected=1)
    result.stdout.fnmatch_lines(["self-test failed: privacy=noop must violate commerce_bid_opacity alone*"])


def test_workers_have_seeds_of_their_own(repository: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of two workers has half of the runs and its own seed, and another session's seed is another for both."""
    budgets: list[Budget] = []

    def hunt(*args: Any, **_options: Any) -> Hunted:
        budgets.append(args[3])
        return Hunted(exercised=dict.fromkeys((one.name for one in ALL), 1))

    monkeypatch.setattr(pytest_items, "hunt", hunt)
    repository.makeconftest("def pytest_configure(config):\n    config.workerinput = {'workercount': 2}\n")

    for seed in ("0", "7"):
        repository.runpytest_inprocess(*OWN, "-k", "opacity", "--crosslayer-seed", seed, "-p", "no:xdist")

    assert [13] * 4 == [budget.examples for budget in budgets]
    assert 4 == len({budget.seed for budget in budgets})


def test_hunt_is_that_of_the_command_line(repository: pytest.Pytester) -> None:
    """Under the same seed, a hunt by the plugin and one by the command find the same, in the same run."""
    stack = ("--stack", "trust=agent_receipts_shape", "--invariant", "undelivered_penalized")
    _, answer = answered("hunt", *stack, "--seed", 7, "--examples", 60)
    words = ("--crosslayer-stack", "trust=agent_receipts_shape", "--crosslayer-save", "found")
    repository.runpytest_inprocess(
        *words, "-k", "undelivered and hunt", "--crosslayer-seed", "7", "--crosslayer-examples", "60"
    )

    (found,) = answer["counterexamples"]
    (file,) = (repository.path / "found").iterdir()

    assert (Path(found["file"]).name, found["first"]) == (file.name, load(file).found["first"])


def test_small_share_is_not_vacuous(repository: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shard whose few runs do not exercise the promise goes on, and is green if all runs of the session would do."""
    shares: list[int] = []

    def hunt(*args: Any, **_options: Any) -> Hunted:
        shares.append(args[3].examples)
        return Hunted(exercised=dict.fromkeys((one.name for one in ALL), int(args[3].examples == 25)))

    monkeypatch.setattr(pytest_items, "hunt", hunt)
    repository.makeconftest("def pytest_configure(config):\n    config.workerinput = {'workercount': 5}\n")

    result = repository.runpytest_inprocess(*OWN, "-k", "opacity", "-p", "no:xdist")

    result.assert_outcomes(passed=5, deselected=5 * HUNTS + 1 - 5)
    assert [5, 25] * 5 == shares


STORY = 'FAIL  trust=own_trust:make breaks "a seller that took an honest buyer'


def test_users_repository_under_xdist(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """`pytest -n auto`, five lines of settings, a broken trust plugin: red, each find told once; repaired: green."""
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "2")
    pytester.makepyfile(own_trust=BROKEN.replace("score_average", "agent_receipts_shape"), test_own="def test(): pass")
    pytester.makeini(
        "[pytest]\ncrosslayer_stack = trust=own_trust:make\ncrosslayer_corpus = corpus\ncrosslayer_examples = 100\n"
    )

    red = pytester.runpytest_subprocess("-n", "auto")
    left = _found(pytester)
    pytester.makepyfile(own_trust=REPAIRED)
    green = pytester.runpytest_subprocess("-n", "auto")

    assert (pytest.ExitCode.TESTS_FAILED, 1) == (red.ret, sum(line.startswith(STORY) for line in red.stdout.lines))
    assert [EARNED, UNDELIVERED, "trust"] == left == _found(pytester)
    assert pytest.ExitCode.OK == green.ret
    green.assert_outcomes(passed=1 + 2 * HUNTS)


def test_one_failure_is_one_failure(repository: pytest.Pytester) -> None:
    """What several hunts of a session come upon is told by the first; the others name it and are skipped."""
    repository.makepyfile(own_trust=FAILING)

    result = repository.runpytest_inprocess(*OWN, "-k", "hunt", "-rs")

    result.assert_outcomes(failed=1, skipped=HUNTS - 1, deselected=1)
    result.stdout.fnmatch_lines(["SKIPPED * the same failure as hunt-commerce_discovery_precedes_bid (count*"])
    assert 1 == sum(line.startswith("FAIL  trust=own_trust:make") for line in result.stdout.lines)
    assert ["plugin_fault"] == _found(repository)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_what_was_there_before_is_told_again(repository: pytest.Pytester, workers: str) -> None:
    """A find that an earlier session saved is told once by this one, too, by whichever worker comes upon it first."""
    repository.makepyfile(own_trust=FAILING)
    words = ("--crosslayer-stack", "trust=own_trust:make", "--crosslayer-examples", "10", "-k", "contracts")
    repository.runpytest_subprocess(*words)

    result = repository.runpytest_subprocess(*words, "-n", workers)

    assert (1, 1) == (result.parseoutcomes()["failed"], sum(line.startswith("FAIL  ") for line in result.stdout.lines))


@pytest.mark.parametrize(
    ("words", "hunts"),
    [
        (("test_own.py",), 0),
        (("test_own.py::test_own",), 0),
        ((".",), HUNTS),
        ((), HUNTS),
        (("test_own.py", "--crosslayer-examples", "3"), HUNTS),
        (("test_own.py", f"crosslayer::hunt-{UNDELIVERED}"), 1),
    ],
)
def test_hunts_are_left_out_where_something_else_is_named(
    repository: pytest.Pytester, words: tuple[str, ...], hunts: int
) -> None:
    """Who names a file or a test gets that alone, unless a hunt or an option of ours is named as well."""
    repository.makeini("[pytest]\ncrosslayer_stack = trust=own_trust:make\ncrosslayer_examples = 3\n")

    result = repository.runpytest_inprocess("--collect-only", "-q", *words)

    assert (1, hunts) == tuple(
        sum(line.startswith(start) for line in result.stdout.lines) for start in ("test_own", "crosslayer::")
    )


def test_one_hunt_can_be_named_alone(repository: pytest.Pytester) -> None:
    """The name that pytest prints is a name that pytest takes; one of no test is a usage error."""
    result = repository.runpytest_inprocess(*OWN, f"crosslayer::hunt-{UNDELIVERED}")
    wrong = repository.runpytest_inprocess(*OWN, "crosslayer::hunt-happiness")

    result.assert_outcomes(failed=1)
    assert pytest.ExitCode.USAGE_ERROR == wrong.ret
    wrong.stderr.fnmatch_lines(["ERROR: there is no test crosslayer::hunt-happiness; choose one of crosslayer::hunt-*"])


@pytest.mark.parametrize(
    ("words", "seconds"), [((), 10), (("--crosslayer-examples", "7"), None), (("--crosslayer-seconds", "30"), 30)]
)
def test_hunts_share_their_seconds(
    repository: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], seconds: int | None
) -> None:
    """By default, all hunts together take ten seconds; who says how many runs or seconds gets these."""
    budgets: list[Budget] = []

    def hunt(*args: Any, **_options: Any) -> Hunted:
        budgets.append(args[3])
        return Hunted(exercised=dict.fromkeys((one.name for one in ALL), 1))

    monkeypatch.setattr(pytest_items, "hunt", hunt)
    stack = ("--crosslayer-stack", "trust=own_trust:make", "--crosslayer-in-process")
    repository.runpytest_inprocess(*stack, *words)

    each = None if seconds is None else seconds / HUNTS
    assert [each] * HUNTS == [budget.seconds for budget in budgets]


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize("ci", ["", "true"])
def test_summary_is_a_line_per_failure(
    repository: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, ci: str, workers: str
) -> None:
    """The short summary has a story's first line only: also on CI, where pytest does not trim it, and from a worker."""
    monkeypatch.delenv("BUILD_NUMBER", raising=False)
    monkeypatch.setenv("CI", ci)
    file = _entry(repository)

    result = repository.runpytest_subprocess(*OWN, "-n", workers, "-k", file.stem)

    lines = result.stdout.lines
    (at,) = (number for number, line in enumerate(lines) if "short test summary info" in line)
    failed, head = f"FAILED crosslayer::corpus-{file.stem}", 'FAIL  the stack with trust=own_trust:make breaks "a'
    wanted = f"{failed} - {head}" if ci else failed
    assert wanted == lines[at + 1][: len(wanted)]
    told = sum(line.startswith(head) for line in lines)
    assert (1, True) == (told, lines[at + 2].startswith("="))


def test_workers_share_the_hunt(pytester: pytest.Pytester) -> None:
    """Two workers hunt with two seeds each for a part of the runs, and still leave one file per broken promise."""
    pytester.makepyfile(own_privacy="from crosslayer.harness.systems.commerce.plugins.privacy_noop import make\n")
    options = ("--crosslayer-stack", "privacy=own_privacy:make", "--crosslayer-corpus", "corpus")

    result = pytester.runpytest_subprocess(
        *options, "--crosslayer-examples", "10", "-n", "2", "-k", "opacity or contracts"
    )

    result.assert_outcomes(failed=2, skipped=2)  # each failure once, whichever worker was first
    result.stdout.fnmatch_lines_random(["FAILED crosslayer::hunt-commerce_bid_opacity[[]?/2[]]*"])
    assert ["commerce_bid_opacity", "privacy"] == _found(pytester)
    found = [load(path).found for path in (pytester.path / "counterexamples").glob("*")]
    assert all(one["examples"] <= 5 for one in found)


def test_a_page_is_made_of_what_failed(pytester: pytest.Pytester) -> None:
    """With `--crosslayer-html`, the counterexamples of a session are shown in one page."""
    pytester.makepyfile("def test_own():\n    pass\n")
    words = ("--crosslayer-system", "lock", "--crosslayer-stack", "store=unfenced", "--crosslayer-html", "page.html")
    result = pytester.runpytest(*words, "--crosslayer-examples", "300", "--crosslayer-in-process")

    result.stdout.fnmatch_lines(["*1 counterexample: page.html*"])
    assert "a write under token" in (pytester.path / "page.html").read_text()


ANY_GRANT = """
from crosslayer import Property, Rules, on


class NeverGranted(Rules):
    @on("deliver")
    def delivered(self, seq, event):
        if event.message.kind == "granted":
            self.exercised(seq)
            self.breaks("a grant has arrived", seq)


NEVER_GRANTED = Property("never_granted", "No grant ever arrives.", ("lock",), NeverGranted)
"""


def test_a_page_shows_what_breaks_a_property_of_ones_own(pytester: pytest.Pytester) -> None:
    """A find that breaks a property of the project's own is shown, too: the page is made with that property."""
    pytester.makepyfile(own_grants=ANY_GRANT)
    words = ("--crosslayer-system", "lock", "--crosslayer-property", "own_grants:NEVER_GRANTED")
    name = "crosslayer::hunt-never_granted"
    result = pytester.runpytest(*words, "--crosslayer-html", "page.html", "--crosslayer-examples", "20", name)

    result.stdout.fnmatch_lines(["*1 counterexample: page.html*"])
    assert "a grant has arrived" in (pytester.path / "page.html").read_text()


EVIL_TRUST = """
import os, time
from crosslayer.harness.systems.commerce.plugins.trust_paid_receipts import make as real

def make(roster):
    if os.environ["DEED"] == "exits":
        os._exit(0)
    if os.environ["DEED"] == "interrupts":
        raise KeyboardInterrupt
    if os.environ["DEED"] == "sleeps":
        time.sleep(3600)
    print("hello")
    return real(roster)
"""


@pytest.mark.parametrize(
    ("deed", "told"),
    [
        ("exits", "plugin fault: trust plugin: make*: its process ended without an answer (exit status 0)"),
        ("sleeps", "plugin fault: trust plugin: make*: no progress for 2 s (--stall-timeout)"),
        ("interrupts", "*raised KeyboardInterrupt*"),
        ("prints", ""),
    ],
)
def test_no_plugin_ends_a_session(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, deed: str, told: str
) -> None:
    """A plugin that ends its process, or hangs, fails its own tests with one line; the session goes on, in order."""
    pytester.makepyfile(own_trust=EVIL_TRUST, test_own="def test_own():\n    pass\n")
    options = ("--crosslayer-stack", "trust=own_trust:make", "--crosslayer-examples", "3")
    monkeypatch.setenv("DEED", deed)

    result = pytester.runpytest_subprocess(
        *options, "--crosslayer-stall-timeout", "2", "-k", "opacity or own", "-p", "no:cacheprovider"
    )

    if told:
        result.assert_outcomes(passed=1, failed=1, deselected=HUNTS - 1)
        result.stdout.fnmatch_lines([told])
        result.stdout.no_fnmatch_line("*Traceback*")
    else:
        result.assert_outcomes(passed=2, deselected=HUNTS - 1)
