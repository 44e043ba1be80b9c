"""`crosslayer check`: a stored trace, judged."""

import hashlib
import time
from pathlib import Path
from typing import Any

import click

from harness import report, trace
from harness.commands.shared import answering, json_option, print_json
from harness.events import Event
from harness.journal import handlers_by_kind
from harness.verdicts import Verdict
from properties import ALL


@click.command(epilog=report.EXIT_HELP)
@click.argument("trace_file", metavar="TRACE", type=click.Path(path_type=Path))
@json_option
@answering
def check(trace_file: Path, as_json: bool) -> int:
    """Judge a stored TRACE: the same verdicts as the run that wrote it."""
    began = time.perf_counter()
    header, events = trace.read(trace_file)
    monitors = [(one, one.watch(header.scenario.population)) for one in ALL]
    handlers = handlers_by_kind(monitor for _, monitor in monitors)
    hasher = hashlib.sha256()
    count = 0
    fault: dict[str, Any] | None = None

    def judged(seq: int, event: Event) -> Event:
        nonlocal count, fault
        for handle in handlers.get(event.kind, ()):
            handle(seq, event)
        if event.kind == "fault":
            fault = {"agent": event.agent, **event.data}
        count += 1
        return event

    for line in trace.lines(header, (judged(seq, event) for seq, event in events)):
        hasher.update(line)
    verdicts: dict[bool, dict[str, Verdict]] = {True: {}, False: {}}
    for one, monitor in monitors:
        verdicts[one.joint][one.name] = monitor.conclude()
    seconds = time.perf_counter() - began
    joint, contracts = verdicts[True], verdicts[False]
    if as_json:
        value = {
            "stack": dict(header.stack),
            "seed": header.scenario.seed,
            "digest": hasher.hexdigest(),
            "events": count,
            "seconds": round(seconds, 3),
            "verdicts": report.verdicts_json(joint),
            "contracts": report.verdicts_json(contracts),
            "fault": fault,
        }
        print_json(value)
    else:
        told = f"{trace_file}: {count} events of {header.scenario.name}, seed {header.scenario.seed}"
        click.echo(report.plain(told))
        click.echo(f"digest {hasher.hexdigest()}")
        click.echo("\n".join(report.verdict_lines(joint, contracts)))
        if fault is not None:
            told = f"plugin fault: {fault.get('part')} of {fault['agent']}: {fault.get('reason')}"
            click.echo(report.plain(told))
    return report.EXIT_FAULT if fault is not None else report.exit_status(joint, contracts, None)
