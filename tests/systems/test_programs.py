"""The systems of real programs: each shows its planted defect in its own words, and is the same anywhere."""

import pytest

from crosslayer import Drop, Forget, Heal, Partition, Restart, Run, RunUntil, Schedule
from crosslayer.harness.formats.counterexample import load
from crosslayer.harness.keep.replay import replay
from crosslayer.harness.kernel.stack import build
from crosslayer.harness.systems.finding import find_system, in_files
from crosslayer.testing import run
from tests.processes import HASH_SEEDS, PYTHONS, ROOT, elsewhere

BAD = {"mcp_bank": "bank=careless", "a2a_tasks": "shop=forgetful", "http_lock": "store=unfenced"}
PROPERTY = {"mcp_bank": "never_overdrawn", "a2a_tasks": "done_once", "http_lock": "no_stale_write"}
WRITE = RunUntil("POST /write sent")
SCHEDULES: dict[str, Schedule] = {
    "mcp_bank": (RunUntil("tools/call transfer sent"), Drop("tools/call transfer"), Run(64)),
    "a2a_tasks": (RunUntil("SendMessage sent"), Partition((0, 1)), RunUntil("connect sent"), Heal(), Run(64)),
    "http_lock": (WRITE, Drop("POST /write"), WRITE, Drop("POST /write"), Run(64)),
}
"""A schedule that shows each defect."""


@pytest.mark.parametrize("name", BAD)
def test_a_defect_in_a_real_program_is_seen(name: str) -> None:
    """The bad part breaks the promise under this schedule, and the reference keeps it."""
    system, schedule = find_system(name), SCHEDULES[name]
    verdicts = [run(system, schedule, stack=stack)[PROPERTY[name]].outcome for stack in ((), BAD[name])]

    assert ["holds", "violated"] == verdicts


@pytest.mark.parametrize("name", BAD)
def test_the_happy_path_is_happy(name: str) -> None:
    """Without a fault both stacks keep the promise, and no program is at fault."""
    runs = [run(find_system(name), (), stack=stack) for stack in ((), BAD[name])]

    assert ["holds"] * 2 == [one[PROPERTY[name]].outcome for one in runs]
    assert [None, None] == [one.result.fault for one in runs]


@pytest.mark.parametrize("name", BAD)
def test_entries_of_the_corpus_are_replayed_to_the_byte(name: str) -> None:
    """With the versions that are installed here, the run is the very one that was found; or its verdict is."""
    for file in sorted((ROOT / "corpus" / name).glob("*.json")):
        one = load(file, in_files())
        stack = build(one.system, [f"{part}={plugin}" for part, plugin in one.stack.items()])
        done = replay(one, stack, one.system.properties)

        assert "reproduced" == done.outcome
        assert () == done.stale_steps


def test_tool_calls_are_told() -> None:
    """What a server is asked for stands among the facts, in the words of the tools."""
    events = run(find_system("mcp_bank"), ()).result.events
    asked = [(one.data["by"], one.data["tool"], one.data["arguments"]) for one in events if one.kind == "asked"]

    assert ("client-0", "transfer", "source=joint, to=client-0, amount=80") in asked
    assert ("client-1", "balance", "account=joint") in asked


def test_a_lease_survives_the_crash_of_its_server() -> None:
    """The file of SQLite is there again in the server's next life, with every token that was granted."""
    steps = (RunUntil("written"), Forget(2), Run(4), Restart(2), Run(64), Run(64))
    events = run(find_system("http_lock"), steps).result.events
    tokens = [one.data["token"] for one in events if one.kind == "held"]

    assert len(tokens) > 2
    assert sorted(set(tokens)) == tokens


def test_a_job_survives_the_crash_of_its_shop() -> None:
    """What the careful shop has written into its book and synced, it does not do again in its next life."""
    lost = Drop("answer to SendMessage")
    steps = (RunUntil("answer to SendMessage sent"), lost, Forget(1), Restart(1), Run(64), Run(64))
    found = [run(find_system("a2a_tasks"), steps, stack=stack) for stack in ((), "shop=forgetful")]

    assert ["holds", "violated"] == [one["done_once"].outcome for one in found]


DIGESTS = """
import sys
from tests.systems.test_programs import BAD, SCHEDULES
from crosslayer.harness.systems.finding import find_system
from crosslayer.testing import run
for name in BAD:
    print(name, run(find_system(name), SCHEDULES[name], stack=BAD[name]).digest)
"""


@pytest.mark.parametrize("python", PYTHONS)
def test_runs_of_real_programs_are_the_same_everywhere(python: str) -> None:
    """In another process, and under another order of hashes."""
    here = [f"{name} {run(find_system(name), SCHEDULES[name], stack=BAD[name]).digest}" for name in BAD]

    assert [here] * len(HASH_SEEDS) == [
        elsewhere(DIGESTS, hash_seed=seed, python=python).stdout.splitlines() for seed in HASH_SEEDS
    ]


ABSENT = """
import sys
sys.modules.update(dict.fromkeys(("mcp", "a2a", "httpx")))
from crosslayer.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_installed_is_said(name: str) -> None:
    """Without its libraries a system is named with what it needs, and its entries are left out of a corpus aloud."""
    hunted = elsewhere(ABSENT, "hunt", "--system", name, hash_seed="1")
    verified = elsewhere(ABSENT, "corpus", "verify", "--corpus", f"corpus/{name}", hash_seed="1")
    listed = elsewhere(ABSENT, "system", "list", hash_seed="1")

    assert (2, 1) == (hunted.returncode, hunted.stderr.count("\n"))
    assert "which is not installed: pip install 'crosslayer[" in hunted.stderr
    assert 3 == verified.returncode
    assert "of them left out: the system" in verified.stdout
    assert (0, True) == (listed.returncode, f"the system {name} needs" in listed.stdout)
