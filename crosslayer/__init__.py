"""Crosslayer finds the bugs that live between the layers of multi-agent protocol stacks.

This is its public face: what `__all__` names stays, everything else may move. To declare a protocol, begin with
`System`; to test one in Python, with `crosslayer.testing`; to write a plugin for a layer of the shipped commerce
system, with `crosslayer.commerce`. Names are loaded when they are asked for, so that importing the package costs
nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attrs import frozen

    from crosslayer.harness.kernel.agents import Agent, Kit, Post, ReliableAgent, Wait, script
    from crosslayer.harness.kernel.composing import Build, Composition, compose_layers, pack, unpack
    from crosslayer.harness.kernel.crypto import Signer, verify
    from crosslayer.harness.kernel.outbox import ACKNOWLEDGEMENT, Outbox
    from crosslayer.harness.kernel.roster import Clock, Member, Roster
    from crosslayer.harness.kernel.simulation import Result
    from crosslayer.harness.kernel.stage import Stage
    from crosslayer.harness.kernel.store import Store
    from crosslayer.harness.model.arguments import agent, groups, kind, moment, number, position
    from crosslayer.harness.model.declarations import (
        Act,
        Choice,
        Fact,
        KnownBad,
        Layer,
        MessageKind,
        Moment,
        Plan,
        Probe,
        Reader,
        SceneKind,
        Touches,
    )
    from crosslayer.harness.model.effects import Send, Wake
    from crosslayer.harness.model.errors import BadInput, CrosslayerError, PluginFault, Refused
    from crosslayer.harness.model.events import Event, Message
    from crosslayer.harness.model.population import Population, role, role_of
    from crosslayer.harness.model.scenario import Faults, Scenario, Timing, ticks
    from crosslayer.harness.model.steps import (
        Crash,
        Cut,
        Delay,
        Deliver,
        Drop,
        Duplicate,
        Forget,
        Heal,
        Inject,
        Partition,
        Redirect,
        Restart,
        Run,
        RunUntil,
        Schedule,
        Step,
        StepResult,
        Tamper,
        isolated,
        skipped,
    )
    from crosslayer.harness.model.system import BadSystem, System
    from crosslayer.harness.model.verdicts import Monitor, Outcome, Property, Verdict
    from crosslayer.properties.causality import Causality
    from crosslayer.properties.contract import Contract
    from crosslayer.properties.kernel import PROPERTY as KERNEL_CONTRACT
    from crosslayer.properties.rules import Eventually, Rules, on
    from crosslayer.properties.watcher import Watcher, holds, vacuous, violated

_MODULES = {
    "attrs": ("frozen",),
    "crosslayer.harness.model.system": ("BadSystem", "System"),
    "crosslayer.harness.model.declarations": (
        "Act",
        "Choice",
        "Fact",
        "KnownBad",
        "Layer",
        "MessageKind",
        "Moment",
        "Plan",
        "Probe",
        "Reader",
        "SceneKind",
        "Touches",
    ),
    "crosslayer.harness.model.arguments": ("agent", "groups", "kind", "moment", "number", "position"),
    "crosslayer.harness.model.population": ("Population", "role", "role_of"),
    "crosslayer.harness.model.scenario": ("Faults", "Scenario", "Timing", "ticks"),
    "crosslayer.harness.model.steps": (
        "Crash",
        "Cut",
        "Delay",
        "Deliver",
        "Drop",
        "Duplicate",
        "Forget",
        "Heal",
        "Inject",
        "Partition",
        "Redirect",
        "Restart",
        "Run",
        "RunUntil",
        "Schedule",
        "Step",
        "StepResult",
        "Tamper",
        "isolated",
        "skipped",
    ),
    "crosslayer.harness.model.events": ("Event", "Message"),
    "crosslayer.harness.model.effects": ("Send", "Wake"),
    "crosslayer.harness.model.verdicts": ("Monitor", "Outcome", "Property", "Verdict"),
    "crosslayer.harness.model.errors": ("BadInput", "CrosslayerError", "PluginFault", "Refused"),
    "crosslayer.harness.kernel.agents": ("Agent", "Kit", "Post", "ReliableAgent", "Wait", "script"),
    "crosslayer.harness.kernel.outbox": ("ACKNOWLEDGEMENT", "Outbox"),
    "crosslayer.harness.kernel.composing": ("Build", "Composition", "compose_layers", "pack", "unpack"),
    "crosslayer.harness.kernel.crypto": ("Signer", "verify"),
    "crosslayer.harness.kernel.roster": ("Clock", "Member", "Roster"),
    "crosslayer.harness.kernel.simulation": ("Result",),
    "crosslayer.harness.kernel.stage": ("Stage",),
    "crosslayer.harness.kernel.store": ("Store",),
    "crosslayer.properties.rules": ("Eventually", "Rules", "on"),
    "crosslayer.properties.watcher": ("Watcher", "holds", "vacuous", "violated"),
    "crosslayer.properties.causality": ("Causality",),
    "crosslayer.properties.contract": ("Contract",),
}
"""Where each public name is made."""

_PLACES = {name: (module, name) for module, names in _MODULES.items() for name in names}
_PLACES["KERNEL_CONTRACT"] = ("crosslayer.properties.kernel", "PROPERTY")

__all__ = [
    "ACKNOWLEDGEMENT",
    "KERNEL_CONTRACT",
    "Act",
    "Agent",
    "BadInput",
    "BadSystem",
    "Build",
    "Causality",
    "Choice",
    "Clock",
    "Composition",
    "Contract",
    "Crash",
    "CrosslayerError",
    "Cut",
    "Delay",
    "Deliver",
    "Drop",
    "Duplicate",
    "Event",
    "Eventually",
    "Fact",
    "Faults",
    "Forget",
    "Heal",
    "Inject",
    "Kit",
    "KnownBad",
    "Layer",
    "Member",
    "Message",
    "MessageKind",
    "Moment",
    "Monitor",
    "Outbox",
    "Outcome",
    "Partition",
    "Plan",
    "PluginFault",
    "Population",
    "Post",
    "Probe",
    "Property",
    "Reader",
    "Redirect",
    "Refused",
    "ReliableAgent",
    "Restart",
    "Result",
    "Roster",
    "Rules",
    "Run",
    "RunUntil",
    "Scenario",
    "SceneKind",
    "Schedule",
    "Send",
    "Signer",
    "Stage",
    "Step",
    "StepResult",
    "Store",
    "System",
    "Tamper",
    "Timing",
    "Touches",
    "Verdict",
    "Wait",
    "Wake",
    "Watcher",
    "agent",
    "compose_layers",
    "frozen",
    "groups",
    "holds",
    "isolated",
    "kind",
    "moment",
    "number",
    "on",
    "pack",
    "position",
    "role",
    "role_of",
    "script",
    "skipped",
    "ticks",
    "unpack",
    "vacuous",
    "verify",
    "violated",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'crosslayer' has no attribute {name!r}")
    module, attribute = _PLACES[name]
    found = globals()[name] = getattr(import_module(module), attribute)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
