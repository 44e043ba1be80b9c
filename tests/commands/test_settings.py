from pathlib import Path

import pytest

from tests.commands.invoking import answered, crosslayer

HUNT = ("hunt", "--invariant", "bid_opacity", "--json")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that settles a short hunt; the working folder is one of its own."""
    (tmp_path / "pyproject.toml").write_text('[tool.crosslayer]\nexamples = 3\nsave = "finds"\n')
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")
    return tmp_path


def _examples(*words: str) -> int:
    return int(answered(*HUNT[:-1], *words)[1]["examples"])


def test_flag_wins_over_environment_and_environment_over_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is settled in the file counts, unless the environment says otherwise, unless a flag does."""
    assert project.is_dir()
    by_file = _examples()
    monkeypatch.setenv("CROSSLAYER_EXAMPLES", "4")

    assert [3, 4, 5] == [by_file, _examples(), _examples("--examples", "5")]


def test_config_says_where_values_come_from(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each setting is shown with its value and the place that gave it."""
    monkeypatch.setenv("CROSSLAYER_SEED", "7")

    told = answered("config")[1]["settings"]

    file = str(project / "pyproject.toml")
    assert (
        {"value": 3, "from": file},
        {"value": "7", "from": "CROSSLAYER_SEED"},
        {"value": None, "from": "default"},
    ) == (
        told["examples"],
        told["seed"],
        told["system"],
    )
    assert "finds" in crosslayer("config").stdout


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("exampels = 3", "exampels: there is no such key; choose one of system, "),
        ("examples = true", "examples: expected a number, not True"),
        ("stack = 1", "stack: expected a text or a list of texts, not 1"),
        ("save = []", "save: expected a text, not []"),
    ],
)
def test_settings_that_cannot_be_are_one_line(project: Path, text: str, reason: str) -> None:
    """A key or a value that cannot be is named with its file, and nothing is run."""
    (project / "pyproject.toml").write_text(f"[tool.crosslayer]\n{text}\n")

    result = crosslayer(*HUNT)

    assert (2, "", 1) == (result.exit_code, result.stdout, result.stderr.count("\n"))
    assert f"[tool.crosslayer] {reason}" in result.stderr


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("hunt", "--stack", "trust=score_avrage"), "did you mean score_average?"),
        (("hunt", "--stack", "trsut=score_average"), "did you mean trust?"),
        (("hunt", "--system", "lokc"), "did you mean lock?"),
        (("hunt", "--invariant", "bid_opactiy"), "did you mean bid_opacity?"),
        (("hunt", "--invariant", "a,b"), "repeat the flag for each"),
        (("explore", "--kind", "Dorp"), "did you mean Drop?"),
        (("hnut",), "Did you mean hunt?"),
    ],
)
def test_typing_errors_are_recognised(words: tuple[str, ...], reason: str) -> None:
    """A name that is nearly right is told the right one."""
    result = crosslayer(*words)

    assert (2, True) == (result.exit_code, reason in result.stderr)


def test_property_of_ones_own_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A property at a dotted path is watched beside those of the system, in a run and in a hunt."""
    (tmp_path / "own_property.py").write_text(
        "from crosslayer import Property, Rules, on\n\n\n"
        "class Never(Rules):\n    @on('goods_sent')\n    def sent(self, seq, event):\n"
        "        self.exercised(seq)\n        self.breaks('goods were sent', seq)\n\n\n"
        "NEVER = Property('never_any_goods', 'No goods are ever sent.', ('payments',), Never)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    own = ("--property", "own_property:NEVER")

    status, value = answered("run", *own)
    found = crosslayer("hunt", *own, "--invariant", "never_any_goods", "--examples", 30, "--save", tmp_path / "found")

    assert (1, "violated") == (status, value["verdicts"]["never_any_goods"]["outcome"])
    assert (1, True) == (found.exit_code, "[never_any_goods]" in found.stdout)


SEALED = """from crosslayer import Property, Rules, on


class Sealed(Rules):
    @on("send")
    def sent(self, seq, event):
        if event.message.kind != "bid":
            return
        self.exercised(seq)
        if b"amount" in event.message.payload:
            self.breaks("a bid can be read on the wire", seq)


SEALED = Property("sealed", "Nobody on the wire reads a bid.", ("privacy",), Sealed)
"""


def test_property_of_ones_own_follows_a_find(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trace is judged by it; a find that breaks it is shown, compared, added, verified and minimised."""
    (tmp_path / "own_sealed.py").write_text(SEALED)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    own = ("--property", "own_sealed:SEALED")
    crosslayer("run", "--stack", "privacy=noop", "--trace", "noop.jsonl")
    hunted = crosslayer(
        "hunt", "--stack", "privacy=noop", *own, "--invariant", "sealed", "--examples", 20, "--save", "found"
    )
    (file,) = (tmp_path / "found").glob("sealed-*.json")
    commands = {
        "check": ("noop.jsonl",),
        "report": (file, "--format", "text"),
        "diff": (file, "--stack", "privacy=hybrid_x25519"),
        "corpus add": (file, "--corpus", "kept"),
        "corpus verify": ("--corpus", "kept"),
        "corpus minimise": (file,),
    }

    done = {name: crosslayer(*name.split(), *words, *own) for name, words in commands.items()}
    without = crosslayer("corpus", "verify", "--corpus", "kept")
    unjudged = [crosslayer(*name.split(), file) for name in ("replay", "report", "corpus minimise")]

    assert [1, 1, 0, 0, 0, 0] == [one.exit_code for one in done.values()]
    assert "sealed " in done["check"].stdout
    assert "a bid can be read on the wire" in done["check"].stdout
    assert "1 of 1 entries are true (1 known bad)" in done["corpus verify"].stdout
    assert (1, True) == (without.exit_code, "there is no property 'sealed'" in without.stdout)
    assert [2, 2, 2] == [one.exit_code for one in unjudged]
    assert all("name your own as --property MODULE:PROPERTY" in one.stderr for one in unjudged)
    assert "--property own_sealed:SEALED\n" in hunted.stdout


@pytest.mark.parametrize(
    ("path", "reason"),
    [("json:dumps", "is no Property"), ("nowhere:X", "nowhere cannot be imported"), ("nonsense", "nonsense")],
)
def test_what_is_no_property_is_one_line(path: str, reason: str) -> None:
    """A path at which there is no property is bad input."""
    result = crosslayer("run", "--property", path)

    assert (2, True) == (result.exit_code, reason in result.stderr)
    assert "Traceback" not in result.stderr
