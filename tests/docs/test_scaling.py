"""docs/scaling.md and the files beside it: they parse, and all that they call exists."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from distributed.cli import dask_scheduler, dask_worker

from crosslayer.cli import main
from tests.docs.reading import ROOT, follow
from tests.installed.building import Environment

FOLDER = ROOT / "docs" / "cluster"
OBJECTS = list(yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text()))
SLURM = FOLDER / "slurm.sh"


def test_the_page_does_what_it_says(tmp_path: Path) -> None:
    """Its command prints what it shows; in this environment, for it takes the extra."""
    assert 1 == follow(ROOT / "docs" / "scaling.md", tmp_path, Environment(Path(sys.executable).parent))


def understood(words: list[str]) -> str:
    """The program of a command line, if it takes all these words; otherwise click says what is wrong with them."""
    match words:
        case ["dask", "scheduler", *rest]:
            command: Any = dask_scheduler.main
        case ["dask", "worker", *rest]:
            command = dask_worker.main
        case ["crosslayer", name, *rest]:
            command = main.get_command(None, name)
        case _:
            raise AssertionError(words)
    command.make_context(words[1], [*rest]).close()
    return words[1]


def containers() -> list[dict[str, Any]]:
    """Every container of the objects."""
    pods = [one["spec"]["template"]["spec"] for one in OBJECTS if "template" in one["spec"]]
    return [container for pod in pods for container in pod["containers"]]


def test_kubernetes_starts_what_exists() -> None:
    """Scheduler, worker and client, each by words that its program takes, all of one image."""
    assert ["scheduler", "worker", "explore"] == [understood(one["command"]) for one in containers()]
    assert 1 == len({one["image"] for one in containers()})


def test_kubernetes_objects_find_one_another() -> None:
    """Labels, the service's name and the claim's are the same where one object speaks of another."""
    named = {(one["kind"], one["metadata"]["name"]): one["spec"] for one in OBJECTS}
    service = named["Service", "crosslayer-scheduler"]
    labels = [one["template"]["metadata"]["labels"] for one in named.values() if "template" in one]
    (volume,) = named["Job", "crosslayer-explore"]["template"]["spec"]["volumes"]

    assert service["selector"] in labels
    assert ("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]) in named
    assert all("tcp://crosslayer-scheduler:8786" in one["command"] for one in containers()[1:])
    assert all(one["app"] == "crosslayer" for one in labels)


def test_slurm_script_is_one() -> None:
    """Bash reads it, and every program takes the words that it gets."""
    subprocess.run(["bash", "-n", SLURM], check=True)  # noqa: S603, S607 - reads it only
    lines = re.findall(r"^(?:srun --overlap )?((?:dask|crosslayer) .*?)(?: &)?$", SLURM.read_text(), re.MULTILINE)

    assert ["scheduler", "worker", "explore"] == [understood(shlex.split(one)) for one in lines]


def test_a_word_that_no_program_takes_is_noticed() -> None:
    """A misspelt flag in one of the files would be seen."""
    with pytest.raises(Exception, match="No such option"):
        understood(["dask", "worker", "tcp://a:1", "--nthread-count", "1"])
