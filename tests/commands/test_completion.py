"""Shells complete our commands."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import get_completion_class

from crosslayer.cli import main
from crosslayer.harness.commands import shells
from crosslayer.harness.commands.completion import VARIABLE
from tests.commands.invoking import crosslayer

CALL = "import sys; sys.argv[0] = 'crosslayer'; from crosslayer.cli import main; main(prog_name='crosslayer')"


def completed(shell: str, *words: str) -> list[str]:
    """What a shell is told that stands after these words, the last of which is begun."""
    shells.register()
    place = words[-1] if shell == "fish" else str(len(words))
    kind = get_completion_class(shell)
    assert kind is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMP_WORDS", " ".join(("crosslayer", *words)))
        patch.setenv("COMP_CWORD", place)
        lines = kind(main, {}, "crosslayer", VARIABLE).complete().splitlines()
    if shell == "zsh":
        return lines[1::3]
    return [line.split(",", 1)[1].split("\t")[0] for line in lines if line]


PLUGINS = ["trust=score_average"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("hu",), ["hunt"]),
        (("hunt", "--stack", "trust=s"), PLUGINS),
        (("corpus", "verify", "--stack", "trust=s"), PLUGINS),
        (("hunt", "--system", "lock", "--stack", "store=u"), ["store=unfenced"]),
        (("hunt", "--system", "l"), ["lock"]),
        (("system", "show", "l"), ["lock"]),
        (("hunt", "--invariant", "bid"), ["bid_opacity"]),
        (("hunt", "--invariant", "commerce_bid"), ["commerce_bid_opacity"]),
        (("explore", "--system", "lock", "--kind", "Dr"), ["Drop"]),
        (("schema", "corpus-l"), ["corpus-list"]),
        (("completion", "f"), ["fish"]),
        (("hunt", "--engine", "v"), ["volume"]),
        (("hunt", "--exam"), ["--examples"]),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_names_are_completed(shell: str, words: tuple[str, ...], expected: list[str]) -> None:
    """Commands, plugins, properties, systems, steps, schemas and choices, of the system that is named."""
    assert expected == completed(shell, *words)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("hunt", "--stack", "trust", "=", "s"), ["score_average"]),
        (("hunt", "--stack", "tru"), ["trust=paid_receipts", "trust=score_average"]),
        (("hunt", "--system", "=", "lock", "--stack", "=", "store", "=", "u"), ["unfenced"]),
        (
            ("hunt", "--system", "="),
            ["a2a_tasks", "delegation", "escrow", "http_lock", "lock", "mcp_bank", "private_commerce"],
        ),
        (("hunt", "--stack", "store", "=", "my", ":", "make", "--system", "lo"), ["lock"]),
    ],
    ids=" ".join,
)
def test_bash_parts_words(words: tuple[str, ...], expected: list[str]) -> None:
    """Bash parts words at = and :, and wants the rest of the last of them."""
    assert expected == completed("bash", *words)[: len(expected)]


@pytest.mark.parametrize("words", [("hnut", "--st"), ("hunt", "--system", "nowhere:X", "--stack", "trust="), ("nope",)])
def test_what_cannot_be_known_has_no_candidates(words: tuple[str, ...]) -> None:
    """A wrong command, a system that is foreign code: nothing is offered, and nothing is loaded or said."""
    assert [] == completed("zsh", *words)


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_the_script_works_in_bash(tmp_path: Path) -> None:
    """The printed script, taken in by bash, fills in what a key press would; files are left to bash itself."""
    (tmp_path / "completion.bash").write_text(crosslayer("completion", "bash").stdout)
    program = tmp_path / "crosslayer"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{CALL}" "$@"\n')
    program.chmod(0o755)
    asked = (
        f"source {tmp_path}/completion.bash; COMP_WORDS=(crosslayer hunt --stack trust = s); COMP_CWORD=5; "
        '_crosslayer_completion crosslayer; echo "${COMPREPLY[@]}"; complete -p crosslayer'
    )

    done = subprocess.run(  # noqa: S603 - our own script
        ["bash", "--norc", "-c", asked],  # noqa: S607 - the shell of this machine
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ("score_average\ncomplete -o nosort -F _crosslayer_completion crosslayer\n", "") == (
        done.stdout,
        done.stderr,
    )


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_scripts_are_those_of_their_shells(shell: str) -> None:
    """Each script asks the program that it completes, in the name of its shell."""
    done = crosslayer("completion", shell)

    assert (0, True) == (done.exit_code, f"_CROSSLAYER_COMPLETE={shell}_complete" in done.stdout)


def test_unknown_shell_is_bad_input() -> None:
    """A shell for which there is no script is refused in one line."""
    done = crosslayer("completion", "tcsh")

    assert 2 == done.exit_code
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in done.stderr
