import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from crosslayer.harness.formats.counterexample import to_json, write_to
from crosslayer.harness.systems.commerce.steps import Withhold
from crosslayer.harness.systems.commerce.system import build
from tests.cases import PADDED, SWAP, UNDELIVERED, recorded, robbery, written
from tests.commands.invoking import answered, crosslayer
from tests.commerce import load


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A corpus of one true entry."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    written(folder / f"{robbery().name}.json", robbery())
    return folder


def test_list_shows_a_line_per_entry(corpus: Path) -> None:
    """An entry's line says its name, its kind, what of its stack is swapped, its steps and its story."""
    result = crosslayer("corpus", "list", "--corpus", corpus)

    assert 0 == result.exit_code
    assert [robbery().name, "known", "bad", SWAP, "1", robbery().story] == result.output.splitlines()[1].split(
        maxsplit=5
    )


def test_list_as_json(corpus: Path) -> None:
    """The same as a program reads it."""
    expected = {
        "file": str(corpus / f"{robbery().name}.json"),
        "kind": "known bad",
        "invariant": UNDELIVERED,
        "stack": robbery().stack,
        "steps": 1,
        "story": robbery().story,
    }

    assert (0, [expected]) == answered("corpus", "list", "--corpus", corpus)


def test_verify_true_corpus(corpus: Path) -> None:
    """A corpus of true entries is verified with exit status 0."""
    result = crosslayer("corpus", "verify", "--corpus", corpus)

    assert (0, "1 of 1 entries are true (1 known bad)\n") == (result.exit_code, result.output)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [("digest", "00" * 32, "drifted"), ("schedule", [], "fixed: vacuous")],
    ids=["digest", "schedule"],
)
def test_verify_catches_a_manipulated_file(corpus: Path, key: str, value: object, reason: str) -> None:
    """A file that was changed by hand is named with the reason, and the exit status is 1."""
    bad = corpus / "bad.json"
    bad.write_text(json.dumps({**to_json(robbery()), key: value}))

    result = crosslayer("corpus", "verify", "--corpus", corpus)

    assert 1 == result.exit_code
    assert result.output.startswith(f"{bad}: known bad: {reason}")
    assert result.output.endswith("1 of 2 entries are true (2 known bad)\n")
    status, answer = answered("corpus", "verify", "--corpus", corpus)
    assert (1, 2, [str(bad)]) == (status, answer["entries"], list(answer["wrong"]))


def test_verify_refuses_what_is_no_corpus(tmp_path: Path) -> None:
    """A folder that is not there is bad input, not an empty corpus."""
    result = crosslayer("corpus", "verify", "--corpus", tmp_path / "none")

    assert (2, f"crosslayer: {tmp_path}/none: there is no such folder\n") == (result.exit_code, result.stderr)


def test_verify_tells_a_stale_file(corpus: Path) -> None:
    """An entry of another version does not hide the others: it is one line among the rest."""
    old = corpus / "a-old.json"
    old.write_text(json.dumps({**to_json(robbery()), "version": 0}))

    result = crosslayer("corpus", "verify", "--corpus", corpus)

    assert 2 == result.exit_code
    assert f"{old}: stale: is of version 0" in result.output
    assert result.output.endswith("1 of 2 entries are true (1 known bad)\n1 of them cannot be judged\n")


def test_add_takes_a_true_counterexample(corpus: Path, tmp_path: Path) -> None:
    """A true counterexample is copied under its own name, which is printed."""
    new = attrs.evolve(
        recorded(build(["trust=agent_receipts_shape"]), robbery().scenario.population, Withhold()), blame=("trust",)
    )
    file = written(tmp_path / "found.json", new)

    result = crosslayer("corpus", "add", file, "--corpus", corpus)

    assert (0, f"{corpus / new.name}.json: known bad\n") == (result.exit_code, result.output)
    assert new == load(corpus / f"{new.name}.json")


@pytest.mark.parametrize("changes", [{"digest": "00" * 32}, {"schedule": ()}, {"stack": {"trust": "agent_receipts"}}])
def test_add_refuses_what_is_not_true(corpus: Path, tmp_path: Path, changes: dict[str, object]) -> None:
    """What is not violated, or not in that run, does not come into the corpus."""
    file = written(tmp_path / "found.json", attrs.evolve(robbery(), **changes))  # type: ignore[arg-type]

    result = crosslayer("corpus", "add", file, "--corpus", corpus)

    assert (2, 1) == (result.exit_code, len(list(corpus.iterdir())))
    assert result.stderr.startswith(f"crosslayer: {file}: ")


def test_minimise_shortens_a_padded_entry(corpus: Path) -> None:
    """An entry with more steps and agents than needed becomes the minimal one, in its own file."""
    (corpus / f"{robbery().name}.json").unlink()
    padded = recorded(build([SWAP]), PADDED.population, *PADDED.schedule)
    file = written(corpus / f"{padded.name}.json", padded)

    result = crosslayer("corpus", "minimise", "--corpus", corpus)

    assert (0, f"{corpus / robbery().name}.json: 5 steps became 1\n") == (result.exit_code, result.output)
    assert not file.exists()
    assert robbery().schedule == load(corpus / f"{robbery().name}.json").schedule
    assert 0 == crosslayer("corpus", "verify", "--corpus", corpus).exit_code


def test_minimise_mends_a_digest(corpus: Path) -> None:
    """A minimal entry that drifted is brought up to date, and nothing else of it changes."""
    (file,) = corpus.iterdir()
    write_to(file, attrs.evolve(robbery(), digest="00" * 32))

    assert 0 == crosslayer("corpus", "minimise", file, "--corpus", corpus).exit_code
    assert robbery() == load(file)
    assert f"{file}: minimal\n" == crosslayer("corpus", "minimise", file, "--corpus", corpus).output


def test_minimise_leaves_what_is_no_longer_broken(corpus: Path) -> None:
    """An entry that breaks nothing any more is left for a person to look at."""
    one = attrs.evolve(robbery(), schedule=())
    file = written(corpus / "fixed.json", one)

    result = crosslayer("corpus", "minimise", file, "--corpus", corpus)

    assert f"{file}: no longer broken; left as it is\n" == result.output
    assert one == load(file)


def test_minimise_brings_a_false_alarm_up_to_date(corpus: Path) -> None:
    """What must hold keeps all its steps and gets the digest of its run; what is broken again is left to a person."""
    quiet = recorded(build([]), robbery().scenario.population, *PADDED.schedule, expect="holds")
    alarm = recorded(build([SWAP]), robbery().scenario.population, Withhold(), expect="holds")
    file = written(corpus / f"{quiet.name}.json", attrs.evolve(quiet, digest="00" * 32, trail=()))
    loud = written(corpus / f"{alarm.name}.json", alarm)

    result = crosslayer("corpus", "minimise", file, loud, "--corpus", corpus)

    assert [f"{file}: brought up to date", f"{loud}: broken again; left as it is"] == result.output.splitlines()
    assert (quiet, alarm) == (load(file), load(loud))


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Has a trust plugin of the project's own that is made by this plugin of ours."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(sys, "path", [*sys.path])  # the working folder is put there, and of two the first counts

    def write(made_by: str) -> None:
        source = f"from crosslayer.harness.systems.commerce.plugins.trust_{made_by} import make\n"
        (tmp_path / "own_rule.py").write_text(source)
        sys.modules.pop("own_rule", None)

    yield write
    sys.modules.pop("own_rule", None)


TODAY = ("--stack", "trust=own_rule:make")


def _raw(folder: Path) -> Path:
    """A find in the project's own plugin, as a hunt saves it."""
    one = attrs.evolve(robbery(), stack={**robbery().stack, "trust": "own_rule:make"}, blame=("trust",))
    return written(folder / "found.json", one)


@pytest.mark.parametrize("words", [TODAY, ("--allow", "own_rule")], ids=["stack", "allow"])
def test_own_bug_becomes_a_regression(tmp_path: Path, own: Callable[[str], None], words: tuple[str, ...]) -> None:
    """A bug of one's own plugin is taken before it is repaired and afterwards; it is red as long as it is there."""
    file = _raw(tmp_path)
    own("score_average")
    before = crosslayer("corpus", "add", file, *words)
    red = crosslayer("corpus", "verify", *words)
    own("agent_receipts")
    after = crosslayer("corpus", "add", file, *words)
    green = crosslayer("corpus", "verify", *words)

    (kept,) = Path("corpus").iterdir()
    assert (0, f"{kept}: regression, not repaired yet: violated: {robbery().story}\n") == (
        before.exit_code,
        before.output,
    )
    assert (0, True) == (after.exit_code, after.output.startswith(f"{kept}: regression, holds: "))
    assert (0, "1 of 1 entries are true (1 regression)\n") == (green.exit_code, green.output)
    assert ("fixed", 1) == (load(kept).expect, red.exit_code)
    assert f"{kept}: regression: is back: {robbery().story}" == red.output.splitlines()[0]
    assert f"{UNDELIVERED} is violated (payments and trust) by 1 step, and it is needed" in red.output.splitlines()


def test_regression_keeps_its_record(tmp_path: Path, own: Callable[[str], None]) -> None:
    """A regression has digest, trail and story of the failure, and minimising leaves it as it is."""
    own("agent_receipts")
    crosslayer("corpus", "add", _raw(tmp_path), *TODAY)
    (kept,) = Path("corpus").iterdir()
    bytes_before = kept.read_bytes()

    result = crosslayer("corpus", "minimise", "--allow", "own_rule")

    assert (0, f"{kept}: regression: the record of a failure; left as it is\n") == (result.exit_code, result.output)
    assert bytes_before == kept.read_bytes()
    assert (robbery().digest, robbery().story) == (load(kept).digest, load(kept).story)


def test_both_kinds_are_verified_together(corpus: Path, tmp_path: Path, own: Callable[[str], None]) -> None:
    """Under today's stack a known bad entry must still be bad where it comes from, and a regression must stay away."""
    own("agent_receipts")
    crosslayer("corpus", "add", _raw(tmp_path), *TODAY)

    green = crosslayer("corpus", "verify", *TODAY)
    own("score_average")
    status, red = answered("corpus", "verify", *TODAY)
    own("agent_receipts")
    (bad,) = (file for file in corpus.iterdir() if load(file).expect == "violated")
    write_to(bad, attrs.evolve(robbery(), digest="00" * 32))
    drifted = crosslayer("corpus", "verify", *TODAY)

    assert (0, "2 of 2 entries are true (1 known bad, 1 regression)\n") == (green.exit_code, green.output)
    assert (1, 2, {"known bad", "regression"}) == (status, len(red["wrong"]), set(red["kinds"].values()))
    assert (1, True) == (drifted.exit_code, f"{bad.relative_to(tmp_path)}: known bad: drifted" in drifted.output)


def test_bad_plugin_of_ones_own_may_be_known_bad(tmp_path: Path, own: Callable[[str], None]) -> None:
    """A plugin that is meant to be bad is kept as such if that is said; it is refused if it is not bad."""
    own("score_average")
    one = recorded(build(["trust=own_rule:make"]), robbery().scenario.population, Withhold())
    file = written(tmp_path / "found.json", one)
    words = ("corpus", "add", file, "--as", "known-bad", "--allow", "own_rule")

    taken = crosslayer(*words)
    own("agent_receipts")
    refused = crosslayer(*words)

    assert (0, True) == (taken.exit_code, taken.output.endswith(": known bad\n"))
    assert (2, True) == (refused.exit_code, refused.stderr.startswith(f"crosslayer: {file}: fixed: holds: "))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"stack": build([]).names()}, "it blames the reference stack"),
        ({"invariant": "commerce_nothing"}, "there is no property 'commerce_nothing'"),
        ({"expect": "holds"}, "it expects that its promise holds, so it cannot be a record of a failure"),
    ],
    ids=["reference", "property", "false alarm"],
)
def test_no_regression_without_ground(
    tmp_path: Path, own: Callable[[str], None], changes: dict[str, Any], reason: str
) -> None:
    """What accuses nobody, or names no property, can be no regression: it would always be green."""
    own("agent_receipts")
    file = written(tmp_path / "found.json", attrs.evolve(robbery(), **changes))

    result = crosslayer("corpus", "add", file, "--as", "regression", *TODAY)

    assert (2, f"crosslayer: {file}: {reason}\n") == (result.exit_code, result.stderr)
