"""Explorations as files."""

from pathlib import Path

import attrs
import pytest

from crosslayer.harness.formats.counterexample import Case
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.steps import Drop, Run
from crosslayer.harness.search import exploration
from crosslayer.harness.search.explore import Explored, Level, Scope
from crosslayer.harness.search.judgement import Judgement
from crosslayer.harness.systems.commerce.steps import Withhold
from crosslayer.harness.systems.commerce.system import REFERENCE, build
from crosslayer.properties.commerce import ALL
from tests.play import HONEST, scenario

JUDGEMENT = Judgement(scenario(HONEST), REFERENCE, tuple(one for one in ALL if one.name == "registry"))
ABOUT = exploration.subject(JUDGEMENT, Scope(2), ())
STATE = Explored(
    levels=[Level(0, 1, 0, 0, complete=True), Level(1, 200, 3, 4)],
    examples=201,
    seconds=1.5,
    expected=400,
    reached={"registry": 201},
    cases={"registry": Case(HONEST, (Run(3), Drop("goods", 1)))},
    parents=[()],
    cursor=(0, 200),
    children={"effect": (Run(1), Withhold())},
)


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    """An exploration survives its file."""
    exploration.save(tmp_path / "e.json", ABOUT, STATE)

    assert STATE == exploration.load(tmp_path / "e.json", ABOUT, JUDGEMENT)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{}", "is no exploration that could be resumed"),
        ("[", "is not JSON"),
        ('{"crosslayer":"exploration","version":9}', "is of version 9; this is version 1: begin anew"),
        ('{"crosslayer":"exploration","version":1,"subject":"x"}', "of another stack, population or scope"),
        (f'{{"crosslayer":"exploration","version":1,"subject":"{ABOUT}"}}', "is damaged"),
    ],
)
def test_what_is_none_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    """A file that is no exploration, or one of something else, is refused in one line."""
    (tmp_path / "e.json").write_text(text)

    with pytest.raises(BadInput, match=reason):
        exploration.load(tmp_path / "e.json", ABOUT, JUDGEMENT)


def test_subjects_differ() -> None:
    """Another population, another scope or other promises make another subject."""
    other = attrs.evolve(JUDGEMENT, scenario=scenario())
    subjects = {
        ABOUT,
        exploration.subject(other, Scope(2), ()),
        exploration.subject(JUDGEMENT, Scope(1), ()),
        exploration.subject(JUDGEMENT, Scope(2), ("registry",)),
    }

    assert 4 == len(subjects)


def test_other_code_is_another_subject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a plugin has been edited, what was explored before proves nothing of it."""
    monkeypatch.syspath_prepend(str(tmp_path))
    file = tmp_path / "edited_trust.py"
    file.write_text("from crosslayer.harness.systems.commerce.plugins.trust_score_average import make\n")
    judgement = attrs.evolve(JUDGEMENT, stack=build(["trust=edited_trust:make"]))
    before = exploration.subject(judgement, Scope(2), ())
    file.write_text("from crosslayer.harness.systems.commerce.plugins.trust_score_average import make  # and more\n")

    assert before != exploration.subject(judgement, Scope(2), ())
