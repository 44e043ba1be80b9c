"""A run as OpenTelemetry spans: one trace, a span for each message, below what led to it."""

import json
from pathlib import Path
from typing import Any

import pytest

from crosslayer.harness.picture.exhibit import Exhibit
from crosslayer.harness.picture.otlp import EPOCH, TICK, otlp
from tests.commands.invoking import crosslayer
from tests.picture.showing import STALE_WRITE, robbed, stale_write


def attributes(value: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a span or a resource."""
    return {one["key"]: next(iter(one["value"].values())) for one in value["attributes"]}


def spans_of(one: Exhibit) -> dict[str, tuple[str, dict[str, Any]]]:
    """All spans by their ids, each with the name of its service."""
    value = json.loads(otlp(one.result, one.verdict.evidence, one.headline))
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for resource in value["resourceSpans"]:
        (service,) = (
            a["value"]["stringValue"] for a in resource["resource"]["attributes"] if a["key"] == "service.name"
        )
        for scope in resource["scopeSpans"]:
            found |= {span["spanId"]: (service, span) for span in scope["spans"]}
    return found


@pytest.mark.parametrize("one", [stale_write, robbed], ids=["lock", "commerce"])
def test_every_message_is_a_span_of_its_sender(one: Any) -> None:
    """In one trace, from the sending to the arrival, whichever the system."""
    exhibit = one()
    spans = spans_of(exhibit)
    sent = [event for event in exhibit.result.events if event.kind in ("send", "copy")]
    (root,) = (span for _, span in spans.values() if not span.get("parentSpanId"))

    assert len(sent) + 1 == len(spans)
    assert sorted((e.message.source, e.message.kind) for e in sent if e.message) == sorted(
        (service, span["name"]) for service, span in spans.values() if span is not root
    )
    assert 1 == len({span["traceId"] for _, span in spans.values()})
    assert {32} == {len(span["traceId"]) for _, span in spans.values()}
    assert {16} == {len(key) for key in spans}


def test_a_parent_came_to_the_sender_before(tmp_path: Path) -> None:
    """Whatever a span stands below ended, at the agent that sent it, no later than it begins."""
    spans = spans_of(stale_write())
    above = [
        (span, spans[span["parentSpanId"]][1], service) for service, span in spans.values() if "parentSpanId" in span
    ]
    inner = [one for one in above if one[1].get("parentSpanId")]

    assert inner
    for span, parent, service in inner:
        assert service == attributes(parent)["messaging.destination.name"]
        assert int(parent["endTimeUnixNano"]) <= int(span["startTimeUnixNano"])


def test_times_evidence_and_the_verdict_are_told() -> None:
    """The late grant lasts as long as it did; the run is red; facts stand at what led to them, evidence among them."""
    spans = spans_of(stale_write())
    lasted = {
        (int(span["startTimeUnixNano"]) - EPOCH, int(span["endTimeUnixNano"]) - EPOCH)
        for _, span in spans.values()
        if span["name"] == "granted"
    }
    (root,) = (span for _, span in spans.values() if not span.get("parentSpanId"))
    moments = [(span["name"], event) for _, span in spans.values() for event in span.get("events", [])]
    proof = [(name, one["name"]) for name, one in moments if attributes(one).get("crosslayer.evidence")]

    assert (1 * TICK, 30 * TICK) in lasted
    assert stale_write().headline == root["status"]["message"]
    assert ("granted", "worker-0 holds the lock under token 1") in [(name, one["name"]) for name, one in moments]
    assert [("write", 1), ("write", 2)] == sorted((name, int(told[-1])) for name, told in proof)


def test_the_same_run_is_the_same_file(tmp_path: Path) -> None:
    """To the byte, from the command line as well; another run has other ids."""
    file = tmp_path / "run.json"
    done = crosslayer("report", STALE_WRITE, "--format", "otlp-json", "-o", file)
    first = file.read_bytes()
    crosslayer("report", STALE_WRITE, "--format", "otlp-json", "-o", file)
    fenced = crosslayer("report", STALE_WRITE, "--format", "otlp-json", "--stack", "store=fenced")

    assert (1, 0) == (done.exit_code, fenced.exit_code)
    assert first == file.read_bytes()
    assert 20 < len(json.loads(fenced.stdout)["resourceSpans"][1]["scopeSpans"][0]["spans"])
    assert json.loads(first)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceId"] not in fenced.stdout


def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """One clear line."""
    monkeypatch.setattr("crosslayer.harness.commands.report.find_spec", lambda name: None)
    found = crosslayer("report", STALE_WRITE, "--format", "otlp-json")

    assert 2 == found.exit_code
    assert "pip install 'crosslayer[otel]'" in found.stderr
