"""`crosslayer system`: the systems there are, what each declares, and a new one to begin with."""

import inspect
import keyword
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import click

from crosslayer.harness.commands import completing
from crosslayer.harness.commands.shared import answering, isolating, json_option, print_json
from crosslayer.harness.explain import report
from crosslayer.harness.formats.files import write_atomically
from crosslayer.harness.formats.scenario import shipped
from crosslayer.harness.kernel.stack import catalogue, reference
from crosslayer.harness.model.arguments import Agents, Argument, Groups, Kinds, Moments, Numbers, argument_of
from crosslayer.harness.model.errors import BadInput, NotInstalled, plain
from crosslayer.harness.model.steps import ENVIRONMENT, Step
from crosslayer.harness.model.system import System
from crosslayer.harness.process.output import say
from crosslayer.harness.search.diagnosis import hints
from crosslayer.harness.search.generation.moves import plans
from crosslayer.harness.search.hunting import Budget
from crosslayer.harness.search.volume import hunt
from crosslayer.harness.systems import skeleton
from crosslayer.harness.systems.finding import SHIPPED, find_system

CHECKED = 300
"""Runs after which `--check` says what never happened."""


@click.group()
def system() -> None:
    """List systems, show what one declares, begin a new one."""


@system.command("list")
@json_option
@answering
def list_systems(as_json: bool) -> int:
    """One line for each system that ships."""
    found = {name: _about_shipped(name) for name in SHIPPED}
    if as_json:
        print_json({"systems": {name: {"about": about, "source": SHIPPED[name]} for name, about in found.items()}})
    else:
        say("\n".join(report.table(["system", "about"], [[name, about] for name, about in found.items()])))
    return report.EXIT_HOLDS


def _about_shipped(name: str) -> str:
    """What a system that ships is about; or what it needs, if that is not installed."""
    try:
        return find_system(name).about
    except NotInstalled as error:
        return error.reason


@system.command("show")
@click.argument("name", metavar="NAME", shell_complete=completing.systems)
@click.option("--check", is_flag=True, help=f"Run {CHECKED} schedules, and say what is declared and never happens.")
@json_option
@isolating
def show(name: str, check: bool, as_json: bool) -> int:
    """Show what the system NAME (shipped, an entry point, or module:SYSTEM) declares: a page of Markdown."""
    found = find_system(name, f"system {name}")
    wrong = _checked(found) if check else ()
    if as_json:
        print_json({**described(found), "hints": list(wrong)})
    else:
        say("\n".join(page(found)))
        for line in wrong:
            say(report.line(f"hint: {line}"))
    return report.EXIT_VACUOUS if wrong else report.EXIT_HOLDS


@system.command("new")
@click.argument("path", metavar="MODULE")
@answering
def new(path: str) -> int:
    """Write a small system that works into MODULE, for instance `mypkg.lock`: a file to begin with."""
    words = path.split(".")
    if not all(word.isidentifier() for word in words):
        raise BadInput(f"system new {path}", "write the module's dotted name, for instance mypkg.lock")
    folder, file = Path(*words[:-1]), Path(*words).with_suffix(".py")
    if words[0] in sys.stdlib_module_names or any(map(keyword.iskeyword, words)):
        raise BadInput(f"system new {path}", "that name is Python's own; name another module, for instance mypkg.lock")
    if file.exists() or file.with_suffix("").exists():
        raise BadInput(str(file), f"{path} is there already; name another module")
    title = words[-1].replace("_", " ")
    text = (
        inspect.getsource(skeleton).replace("SKELETON:", f"{title}:").replace('name="skeleton"', f'name="{words[-1]}"')
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(str(folder), f"cannot be made: {error.strerror}") from None
    for parent in (Path(*words[:count]) for count in range(1, len(words))):
        if not (parent / "__init__.py").exists():
            write_atomically(parent / "__init__.py", [b""])
    write_atomically(file, [text.encode()])
    for line in (
        f"wrote {file}",
        f"crosslayer hunt --system {path}:SYSTEM",
        f"crosslayer hunt --system {path}:SYSTEM --stack memory=forgets",
        f"crosslayer system show {path}:SYSTEM --check",
    ):
        say(line)
    return report.EXIT_HOLDS


def _checked(one: System) -> tuple[str, ...]:
    hunted = hunt(shipped(one, "hunt"), reference(one), one.properties, Budget(CHECKED))
    return hints(one, hunted)


def described(one: System) -> dict[str, Any]:
    """What a system declares, as a JSON value."""
    return {
        "name": one.name,
        "about": one.about,
        "roles": {name: attrs.asdict(role) for name, role in one.population.roles().items()},
        "layers": {
            layer.name: {
                "about": layer.about,
                "operations": list(layer.operations),
                "plugins": {choice.name: choice.about for choice in layer.choices},
            }
            for layer in one.layers
        },
        "messages": {name: kind.about for name, kind in one.kinds.items()},
        "facts": list(one.facts_by_kind),
        "moments": list(one.all_moments),
        "steps": {step.__name__: _about(step) for step in one.vocabulary},
        "plans": {plan.name: plan.about for plan in plans(one)},
        "properties": {
            each.name: {"claim": each.claim, "parts": list(each.parts), "joint": each.joint} for each in one.properties
        },
        "known_bad": {each.assignment: each.breaks for each in one.known_bad},
    }


def page(one: System) -> Iterator[str]:
    """The reference page of a system, in Markdown: from its declaration and the docstrings in it."""
    yield f"# {one.name}"
    if one.about:
        yield from ("", one.about)
    yield from _section("Roles", "role", "least", "most", "", rows=_roles(one))
    yield from _section("Layers", "layer", "operations", "plugins, the reference first", rows=_layers(one))
    yield from _section("Messages", "kind", "part", "", rows=([k.name, k.part, k.about] for k in one.messages))
    facts = ([f.kind, f.sentence if isinstance(f.sentence, str) else ""] for f in one.facts)
    yield from _section("Facts", "fact", "told as", rows=facts)
    yield from _section("Moments", "moment", rows=([name] for name in one.all_moments))
    own = (step for step in one.vocabulary if step not in ENVIRONMENT)
    yield from _section("What the adversary can do", "step", "fields", "", rows=map(_step, own))
    shared = (step for step in one.vocabulary if step in ENVIRONMENT)
    yield from _section("What the environment can do", "step", "fields", "", rows=map(_step, shared))
    yield from _section("Plans", "plan", "", rows=([plan.name, plan.about] for plan in plans(one)))
    claims = ([each.name, " and ".join(each.parts), each.claim] for each in one.properties)
    yield from _section("Properties", "property", "parts", "claim", rows=claims)
    bad = ([each.assignment, each.breaks] for each in one.known_bad)
    yield from _section("Known to be bad", "plugin", "breaks", rows=bad)


def _section(title: str, *header: str, rows: Any) -> Iterator[str]:
    found = [[plain(cell).replace("|", "\\|") for cell in row] for row in rows]
    if found:
        yield from ("", f"## {title}", "", f"| {' | '.join(header)} |", f"|{'---|' * len(header)}")
        yield from (f"| {' | '.join(row)} |" for row in found)


def _roles(one: System) -> Iterator[list[str]]:
    for name, role in one.population.roles().items():
        yield [name, str(role.least), str(role.most), "controlled by the adversary" if role.corrupt else ""]


def _layers(one: System) -> Iterator[list[str]]:
    for part, choices in catalogue(one).items():
        operations = next((layer.operations for layer in one.layers if layer.name == part), ())
        yield [part, ", ".join(operations), "; ".join(f"`{choice.name}` {choice.about}" for choice in choices)]


def _step(step: type[Step]) -> list[str]:
    fields = (f"{field.name}: {_meaning(argument_of(field))}" for field in attrs.fields(step))
    return [step.__name__, "; ".join(fields), _about(step)]


def _about(step: type[Step]) -> str:
    return (inspect.getdoc(step) or "").partition("\n")[0]


def _meaning(argument: Argument | None) -> str:
    match argument:
        case Agents(roles=roles, corrupt=corrupt):
            return " or ".join(roles) or ("a corrupt agent" if corrupt else "any agent")
        case Numbers(among=among) if len(among) > 1:
            return f"{min(among)} to {max(among)}"
        case Kinds():
            return "message kind"
        case Moments():
            return "moment"
        case Groups():
            return "the side of each agent"
    return "a number"
