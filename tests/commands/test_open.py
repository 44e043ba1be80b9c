"""The what-if table over HTTP: who is let in, what an address holds, what a change does, and what is saved."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crosslayer.harness.commands.whatif import Base, answer
from crosslayer.harness.formats.counterexample import load
from crosslayer.harness.keep.replay import REPRODUCED, replay, stack_of
from crosslayer.harness.systems.finding import in_files
from tests.commands.invoking import crosslayer
from tests.commands.serving import STALE_WRITE, Server, serving

DELAYED = [
    {"step": "Run", "events": 1},
    {"step": "Delay", "kind": "granted", "nth": 0, "ticks": 28},
    {"step": "RunUntil", "moment": "write sent"},
]
STACK = {"lock": "leases", "store": "unfenced"}


def state(steps: list[dict[str, object]] = DELAYED, **stack: str) -> str:  # type: ignore[assignment]
    """What an address holds."""
    return json.dumps({"schedule": steps, "stack": {**STACK, **stack}})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server works."""
    return tmp_path_factory.mktemp("table")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    """One server for tests that only ask."""
    with serving("open", str(STALE_WRITE), folder=folder) as one:
        yield one


def test_only_who_knows_the_token_and_means_this_server_is_let_in(server: Server) -> None:
    """Another path, no token, half a token, another name of the machine: nothing is served, and nothing is told."""
    token = server.path.strip("/")
    paths = ("/", "/favicon.ico", f"/{token[:-1]}/", f"/x/{token}/", f"{server.path}x", f"{server.path}../etc/passwd")
    port = server.address.split(":")[2].split("/")[0]

    assert {404} == {server.ask(path).status for path in paths}
    assert all("what-if" not in server.ask(path).text for path in paths)
    assert {403} == {
        server.ask(headers={"Host": host}).status
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"localhost:{port}", "")
    }
    assert len(token) >= 32


def test_the_page_may_load_nothing_and_is_kept_nowhere(server: Server) -> None:
    """A strict policy stands in the head of the answer, beside what keeps the address to oneself."""
    headers = server.ask(query={"s": state()}).headers
    policy = headers["content-security-policy"]

    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert ("no-store", "no-referrer", "nosniff") == (
        headers["cache-control"],
        headers["referrer-policy"],
        headers["x-content-type-options"],
    )


def test_the_address_holds_everything(server: Server) -> None:
    """The first address sends one to the counterexample's own schedule and stack; the same address is the same page."""
    first = server.ask()
    held = json.loads(first.query["s"])

    assert (303, DELAYED) == (first.status, [{"step": one.pop("step"), **one} for one in held["schedule"]])
    assert "unfenced" == held["stack"]["store"]
    pages = {server.ask(query={"s": state()}).text for _ in range(2)}
    assert 1 == len(pages)
    assert "a write under token 1 was taken after one under 2" in pages.pop()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"do": "up 2"}, [1, 0, 2]),
        ({"do": "down 2"}, [0, 2, 1]),
        ({"do": "up 1"}, [0, 1, 2]),
        ({"do": "down 3"}, [0, 1, 2]),
        ({"do": "remove 1"}, [1, 2]),
        ({"do": "move 3 1"}, [2, 0, 1]),
        ({"do": "move 1 3"}, [1, 2, 0]),
    ],
)
def test_a_step_is_moved_and_removed(server: Server, change: dict[str, str], expected: list[int]) -> None:
    """Each change sends one to another address."""
    found = json.loads(server.ask(query={"s": state(), **change}).query["s"])["schedule"]

    assert [DELAYED[index] for index in expected] == found


def test_a_step_is_added_and_its_fields_are_set(server: Server) -> None:
    """A new step has its simplest values; fields are set by their names."""
    added = json.loads(server.ask(query={"s": state(), "do": "add", "add": "Drop", "at": "2"}).query["s"])
    fields = {"s": json.dumps(added), "2.kind": "acquire", "2.nth": "3", "3.ticks": "5"}
    changed = json.loads(server.ask(query=fields).query["s"])["schedule"]

    assert {"step": "Drop", "kind": "write", "nth": 0} == added["schedule"][1]
    assert {"step": "Drop", "kind": "acquire", "nth": 3} == changed[1]
    assert 5 == changed[2]["ticks"]


def test_swapping_a_plugin_changes_the_verdict(server: Server) -> None:
    """With the reference in its place the same steps keep the promise."""
    query = server.ask(query={"s": state(), "layer.store": "fenced"}).query
    text = server.ask(query=query).text

    assert "No promise is broken." in text
    assert "a write under token 1 was taken" not in text


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"s": state(store="os:system")}, "choose one of fenced, unfenced"),
        ({"s": state(), "layer.store": "os:system"}, "choose one of fenced, unfenced"),
        ({"s": state(), "layer.nowhere": "fenced"}, "there is no such layer"),
        ({"s": "{"}, "is not JSON"),
        ({"s": "[]"}, "holds no schedule and stack"),
        ({"s": state([{"step": "Explode"}])}, "there is no step"),
        ({"s": state([{"step": "Run"}] * 501)}, "500 are the most"),
        ({"s": state(), "2.nth": "-1"}, "is no whole number"),
        ({"s": state(), "2.kind": "<script>"}, "there is no message kind"),
        ({"s": state(), "do": "remove 4"}, "there are 3 steps"),
        ({"s": state(), "do": "sing"}, "to do"),
    ],
)
def test_what_cannot_be_done_is_said(server: Server, query: dict[str, str], told: str) -> None:
    """A page with the reason, and the run as it was; nothing is loaded, and nothing is markup that should not be."""
    found = server.ask(query=query)

    assert 400 == found.status
    assert told in found.text
    assert "<script>&" not in found.text
    assert 2 == found.text.count("<script>")


def test_a_run_is_saved_as_a_counterexample(server: Server, folder: Path) -> None:
    """What is saved can be replayed, and is the very run; its place is shown once the file is there."""
    form = {"s": state(), "save": "no_stale_write"}
    query = server.ask(form=form).query
    text = server.ask(query=query).text
    (file,) = (folder / "counterexamples").glob("no_stale_write-*.json")
    one = load(file, in_files())

    assert f"counterexamples/{file.name}" in text
    assert ("violated", ("store",), {"how": "by hand"}) == (one.expect, one.blame, one.found)
    assert REPRODUCED == replay(one, stack_of(one, (), (), str(file)), one.system.properties).outcome
    assert "Saved" not in server.ask(query={**query, "saved": "../../etc/passwd"}).text


def test_a_run_that_keeps_its_promise_is_saved_as_one(tmp_path: Path) -> None:
    """Such an entry of a corpus fails as soon as the promise is broken."""
    base = Base(file=str(STALE_WRITE), save=str(tmp_path)).to_json()
    answer({"base": base, "query": [("s", state(store="fenced"))], "saved": "no_stale_write"})
    (file,) = tmp_path.iterdir()
    one = load(file, in_files())

    assert "holds" == one.expect
    assert REPRODUCED == replay(one, stack_of(one, (), (), str(file)), one.system.properties).outcome


def test_what_was_not_exercised_is_not_saved(tmp_path: Path) -> None:
    """A run that says nothing of a promise is evidence of nothing."""
    base = Base(file=str(STALE_WRITE), save=str(tmp_path)).to_json()
    found = answer({"base": base, "query": [("s", state())], "saved": "no_such_promise"})

    assert 400 == found["status"]
    assert [] == list(tmp_path.iterdir())


def test_exploring_begins_with_nothing(tmp_path: Path) -> None:
    """The other door: the empty schedule on the reference stack, in a small world. Ctrl-C ends it well."""
    with serving("explore", "--ui", "--system", "lock", folder=tmp_path) as one:
        query = one.ask().query
        text = one.ask(query=query).text

        assert [] == json.loads(query["s"])["schedule"]
        assert "No step: every message arrives" in text
        assert 0 == one.interrupted()


ENDING = """
import os
from crosslayer.harness.systems.lock import FencedStore, each

class Store(FencedStore):
    def write(self, token):
        os._exit(7)

make = each(Store)
"""


def test_a_plugin_that_ends_its_process_does_not_end_the_server(tmp_path: Path) -> None:
    """It is said what was lost, and another stack still runs; Ctrl-C ends it all the same."""
    (tmp_path / "ending.py").write_text(ENDING)
    with serving("open", str(STALE_WRITE), folder=tmp_path) as plain:
        assert "ending:make" not in plain.ask(query={"s": state()}).text
    words = ("open", str(STALE_WRITE), "--stack", "store=ending:make")
    with serving(*words, folder=tmp_path) as one:
        lost = one.ask(query=one.ask().query)
        found = one.ask(query={"s": state(store="fenced")})

        assert (500, 200) == (lost.status, found.status)
        assert "store plugin of server-0: write" in lost.text
        assert "ending:make" in found.text
        assert 0 == one.interrupted()


def test_a_plugin_that_never_ends_is_given_up_and_ctrl_c_does_not_wait_for_it(tmp_path: Path) -> None:
    """After the stall timeout it is said which; and in the midst of it the server can be ended."""
    (tmp_path / "ending.py").write_text(ENDING.replace("os._exit(7)", "while True: pass"))
    words = ("open", str(STALE_WRITE), "--stack", "store=ending:make", "--stall-timeout")
    with serving(*words, "2", folder=tmp_path) as one:
        lost = one.ask(query=one.ask().query)
    with serving(*words, "60", folder=tmp_path) as one, ThreadPoolExecutor(1) as thread:
        asked = thread.submit(one.ask, query=one.ask().query)
        time.sleep(1)
        running = asked.running()
        status = one.interrupted()

    assert (500, True) == (lost.status, "no progress for 2 s" in lost.text)
    assert (True, 0) == (running, status)


def test_plugins_can_be_looked_at_by_a_debugger(tmp_path: Path) -> None:
    """With --in-process everything happens in this very process."""
    with serving("open", str(STALE_WRITE), "--in-process", folder=tmp_path) as one:
        assert "a write under token 1 was taken" in one.ask(query={"s": state()}).text
        assert 0 == one.interrupted()


def test_what_cannot_be_opened_is_said_at_once(tmp_path: Path) -> None:
    """No server is started for a file that is none."""
    file = tmp_path / "none.json"
    file.write_text("{}")
    found = crosslayer("open", str(file))

    assert 2 == found.exit_code
    assert "is no Crosslayer counterexample" in found.stderr


def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """One clear line, and the status of what cannot be used."""
    monkeypatch.setattr("crosslayer.harness.commands.opening.find_spec", lambda name: None)
    found = crosslayer("open", str(STALE_WRITE))

    assert 2 == found.exit_code
    assert "pip install 'crosslayer[ui]'" in found.stderr
