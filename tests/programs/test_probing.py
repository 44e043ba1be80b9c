"""Facts about programs that do not know of them, and how long a tick is."""

import asyncio
import sqlite3
from typing import Any

import attrs
import pytest

from crosslayer import BadInput
from crosslayer.harness.systems.finding import find_system
from crosslayer.programs import AsyncioAgent, Call, Host, ProgramTiming, Span, State
from crosslayer.testing import run
from tests.processes import elsewhere
from tests.programs.hosting import said, system


class Till:
    """Somebody's code."""

    total = 0

    def take(self, amount: int) -> int:
        """Take money."""
        self.total += amount
        return self.total

    async def count(self) -> int:
        """Count it."""
        await asyncio.sleep(0.1)
        return self.total


async def taking(_host: Host) -> None:
    """A program that says nothing of what it does."""
    till = Till()
    till.take(3)
    await till.count()
    till.take(amount=4)


def test_calls_are_facts() -> None:
    """Each call that has answered, of plain and of asynchronous functions, by several probes of one function."""
    take, count = f"{__name__}:Till.take", f"{__name__}:Till.count"
    probes = (
        Call(take, "said", lambda answer, _till, amount: {"what": ["took", amount, answer]}),
        Call(take, "said", lambda answer, _till, amount: {"what": "much"} if amount > 3 else None),
        Call(count, "said", lambda answer, _till: {"what": ["counted", answer]}),
    )
    before = Till.take
    facts = said(one=AsyncioAgent(taking, probes=probes))

    assert [["took", 3, 3], ["counted", 3], ["took", 4, 7], "much"] == [what for _, _, what in facts]
    assert [0, 1, 1, 1] == [tick for tick, _, _ in facts]
    assert before is Till.take


def test_states_are_facts() -> None:
    """A table is looked at after each turn, and told when it has changed."""

    def rows(host: Host) -> dict[str, Any] | None:
        file = host.folder / "rows.db"
        if not file.exists():
            return None
        database = sqlite3.connect(file)
        found = [row for (row,) in database.execute("SELECT * FROM rows ORDER BY 1")]
        database.close()
        return {"what": found}

    async def main(host: Host) -> None:
        database = sqlite3.connect(host.folder / "rows.db", isolation_level=None)
        database.execute("CREATE TABLE rows (number INTEGER)")
        for number in range(3):
            database.execute("INSERT INTO rows VALUES (?)", (number // 2,))
            await asyncio.sleep(0.1)
        database.close()

    assert [[0], [0, 0], [0, 0, 1]] == [
        what for _, _, what in said(one=AsyncioAgent(main, probes=(State("said", rows),)))
    ]


def test_spans_are_facts() -> None:
    """What the MCP SDK tells its tracer of a call of a tool is a fact, in the turn of the program that made it."""
    bank = find_system("mcp_bank")
    probe = Span(
        "tools/call transfer", "asked", lambda told: {"by": "span", "tool": "transfer", "arguments": str(len(told))}
    )
    agents = {**bank.agents, "server": attrs.evolve(bank.agents["server"], probes=(probe,))}  # type: ignore[misc]
    made = attrs.evolve(bank, agents=agents, source="")
    events = run(made, ()).result.events
    spans = [one for one in events if one.kind == "asked"]

    assert ["server-0"] == list(dict.fromkeys(one.agent for one in spans))
    assert run(bank, ()).digest == elsewhere(UNTRACED, hash_seed="1").stdout.strip()
    assert run(made, ()).digest == run(made, ()).digest


UNTRACED = """
from crosslayer.harness.systems.finding import find_system
from crosslayer.testing import run
print(run(find_system("mcp_bank"), ()).digest)
"""
"""The run of a process in which no probe asks for spans: in this one, it must be the same."""


def test_the_length_of_a_tick() -> None:
    """A sleep is rounded up to ticks, whatever their length; what is no length is refused."""

    async def main(host: Host) -> None:
        await asyncio.sleep(1)
        host.record("said", what=asyncio.get_running_loop().time())

    made = system(one=main)
    runs = [
        run(made, (), scenario=made.scenario_class(name="ticks", timing=ProgramTiming(milliseconds=length)))
        for length in (10, 100, 300)
    ]
    found = [(one.tick, one.data["what"]) for ran in runs for one in ran.result.events if one.kind == "said"]

    assert [(100, 1.0), (10, 1.0), (4, 1.2)] == [one for index, one in enumerate(found) if one not in found[:index]]
    with pytest.raises(ValueError, match="milliseconds"):
        ProgramTiming(milliseconds=0)


def test_names_of_hosts() -> None:
    """A program may know hosts by other names."""

    async def main(host: Host) -> None:
        server = await asyncio.start_server(lambda _, writer: writer.close(), port=80)
        reader, writer = await asyncio.open_connection("bank.example", 80)
        host.record("said", what=(await reader.read()).decode() or "closed")
        writer.close()
        server.close()

    assert ["closed"] == [what for _, _, what in said(one=AsyncioAgent(main, hosts={"bank.example": "one-0"}))]


def test_a_probe_that_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the SDK of OpenTelemetry, a probe of spans says what is missing."""
    monkeypatch.setattr("crosslayer.harness.programs.spans.trace", None)
    monkeypatch.setattr("crosslayer.harness.programs.spans.hear", _uncached())

    with pytest.raises(BadInput, match="needs opentelemetry-sdk"):
        Span("any", "said", lambda _told: None)


def _uncached() -> Any:
    from crosslayer.harness.programs import spans  # noqa: PLC0415 - as it is after the patch

    return spans.hear.__wrapped__
