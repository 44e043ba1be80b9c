"""The conventions that a reader would otherwise have to take on trust, checked on the source itself."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parent.parent
PRODUCT = ("crosslayer.harness", "crosslayer.strategies", "crosslayer.properties")
DOOR_NAMES = ("", ".__main__", ".cli", ".commerce", ".programs", ".pytest_plugin", ".testing")
DOORS = tuple(f"crosslayer{name}" for name in DOOR_NAMES)

TOP = {"checking", "commands", "pytest_items"}
"""Modules of `harness` that put everything together: they see all, and nobody else imports them."""

WALL_CLOCK = {"time", "datetime", "calendar"}
GLOBAL_CHANCE = {"uuid", "secrets"}
GUESSED_BY_NOBODY = {"crosslayer.harness.commands.serving"}
"""Modules that need a secret of the operating system's: the token in an address, never part of a run."""
REPLACING = {"crosslayer.harness.programs.sources"}
"""The module that puts the world's clock and chance in the place of the process's, in programs, and so names them."""
HOSTED = {"crosslayer.harness.systems.http_lock.lease"}
"""Programs of examples, which ask for the time like any program, and are told that of the world."""
HASH_ORDER = {"id", "hash"}


@cache
def tree(module: str) -> ast.Module:
    """A module's syntax."""
    return ast.parse(path_of(module).read_text())


def path_of(module: str) -> Path:
    """A module's file."""
    path = ROOT / module.replace(".", "/")  # in the checkout, through the links in crosslayer/
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def modules(package: str) -> tuple[str, ...]:
    """All modules of a package by full name."""
    folder = (ROOT / package.replace(".", "/")).resolve()  # Python does not look behind links by itself
    names = ("crosslayer" / path.relative_to(ROOT).with_suffix("") for path in sorted(folder.rglob("*.py")))
    return tuple(".".join(name.parts).removesuffix(".__init__") for name in names)


ALL = (*DOORS, *(module for package in PRODUCT for module in modules(package)))


def imported(module: str) -> set[str]:
    """All modules that a module imports, by full name; of a package, the modules that are named."""
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name for name in inner if name in ALL} or {str(node.module)}
    return found


def own(module: str) -> set[str]:
    """The product's modules that a module imports."""
    return {name for name in imported(module) if name.startswith("crosslayer.")}


def packages(names: set[str]) -> set[str]:
    """The packages at the top of these names; of ours, the second level."""
    return {wing(name) if name.startswith("crosslayer.") else name.split(".")[0] for name in names}


def wing(module: str) -> str:
    """What comes after `crosslayer.`, down to one level."""
    return module.split(".")[1] if "." in module else ""


def layer(module: str) -> str:
    """What comes after `crosslayer.harness.`, down to one level."""
    return module.split(".")[2] if module.count(".") > 1 else ""


@pytest.mark.parametrize("module", ALL)
def test_no_import_hides_in_a_function(module: str) -> None:
    """Every import stands at the top of its module."""
    top = {id(node) for node in tree(module).body}
    guarded = {
        id(inner) for node in tree(module).body if isinstance(node, ast.If | ast.Try) for inner in ast.walk(node)
    }
    hidden = [
        node.lineno
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in top | guarded
    ]

    assert [] == hidden


def test_imports_never_go_round_in_a_circle() -> None:
    """No module imports, through whatever others, itself."""
    waiting = {module: own(module) - {module} for module in ALL}
    while free := {module for module, needs in waiting.items() if not needs & waiting.keys()}:
        waiting = {module: needs for module, needs in waiting.items() if module not in free}

    assert {} == waiting


WINGS: dict[str, set[str]] = {
    "model": set(),
    "formats": {"model"},
    "kernel": {"model", "formats"},
    "process": {"model", "kernel"},
    "programs": {"model", "formats", "kernel"},
    "search": {"model", "formats", "kernel", "process"},
    "explain": {"model", "formats", "kernel", "search"},
    "keep": {"model", "formats", "kernel", "search", "explain"},
    "picture": {"model", "formats", "kernel", "search", "explain"},
    "systems": {"model", "formats", "kernel", "programs"},
    "commands": {"model", "formats", "kernel", "search", "explain", "keep", "picture", "systems", "process"},
    "pytest_items": {"model", "formats", "kernel", "search", "explain", "keep", "picture", "systems", "process"},
    "checking": {"model", "formats", "kernel", "search", "explain"},
}
"""For each wing of the harness, the others that it may know: imports run one way."""

EXCEPTIONS = {("crosslayer.harness.systems.commerce.nest.verdicts", "explain")}
"""What a module knows beyond that: names in a foreign trace are made printable as everywhere."""

ROOTS = (
    "crosslayer.harness.systems.commerce.system",
    "crosslayer.harness.systems.lock",
    "crosslayer.harness.systems.a2a_tasks.system",
    "crosslayer.harness.systems.http_lock.system",
    "crosslayer.harness.systems.mcp_bank.system",
)
"""The composition root of every system that ships: the only modules below the doors that know its properties."""


@pytest.mark.parametrize("module", [one for one in modules("crosslayer.harness") if layer(one)])
def test_imports_run_one_way(module: str) -> None:
    """A wing of the harness knows the wings before it, and none behind it."""
    known = {layer(name) for name in own(module) if wing(name) == "harness"} - {layer(module)}

    assert known - {wing_ for one, wing_ in EXCEPTIONS if one == module} <= WINGS[layer(module)]


@pytest.mark.parametrize("module", modules("crosslayer.properties"))
def test_properties_know_populations_events_and_verdicts_only(module: str) -> None:
    """A property sees nothing of the harness but what a stored trace holds, and the values of its own system."""
    foreign = {name for name in own(module) if wing(name) != "properties"}
    values = {f"crosslayer.harness.model.{name}" for name in ("events", "population", "verdicts")}
    if ".commerce" in module:
        values.add("crosslayer.harness.systems.commerce.nouns")

    assert foreign <= values
    assert packages(imported(module)) <= {"properties", "harness"} | set(sys.stdlib_module_names)


@pytest.mark.parametrize("module", modules("crosslayer.strategies"))
def test_strategies_know_neither_properties_nor_systems(module: str) -> None:
    """The machine is handed its system and its properties; it does not fetch them."""
    assert "properties" not in packages(own(module))
    assert not {layer(name) for name in own(module) if wing(name) == "harness"} & {"systems", *TOP}


@pytest.mark.parametrize("module", [module for module in ALL if wing(module) != "strategies"])
def test_only_strategies_know_hypothesis(module: str) -> None:
    """Everything but the strategies runs without Hypothesis."""
    assert "hypothesis" not in packages(imported(module))


@pytest.mark.parametrize("module", [one for one in modules("crosslayer.harness") if layer(one) not in TOP])
def test_the_harness_knows_neither_properties_nor_strategies(module: str) -> None:
    """Only the doors and the systems' own composition roots put the packages together."""
    known = packages(own(module)) - {"harness"}
    doors = {"commerce"} if module.startswith(STRANGERS) else set()

    assert known <= ({"properties", "programs"} if module.startswith(ROOTS) else doors)


STRANGERS = ("crosslayer.harness.systems.escrow", "crosslayer.harness.systems.delegation")
"""Systems that ship, and are written as anybody else's: what they lack, everybody lacks."""


@pytest.mark.parametrize("module", [module for stranger in STRANGERS for module in modules(stranger)])
def test_a_stranger_knows_nothing_of_ours_but_the_public_face(module: str) -> None:
    """Their modules import one another, `crosslayer` and `crosslayer.commerce`, and nothing that may move."""
    own_ = next(one for one in STRANGERS if module.startswith(one))
    ours = {name for name in imported(module) if name.split(".")[0] == "crosslayer" and not name.startswith(own_)}

    assert ours <= {"crosslayer", "crosslayer.commerce"}


WORDS = re.compile(
    r"buyer|seller|shill|\bbids?\b|goods|receipt|complain|credit|ledger|gossip|envelope|arbiter|refund", re.IGNORECASE
)
"""Words of commerce, and of escrow."""

GENERIC = [one for one in ALL if ".commerce" not in one and not one.startswith(STRANGERS)]


@pytest.mark.parametrize("module", GENERIC)
def test_no_generic_module_bears_a_word_of_commerce(module: str) -> None:
    """What knows no protocol speaks of none, not even in a comment."""
    lines = path_of(module).read_text().splitlines()

    assert [] == [f"{number}: {line}" for number, line in enumerate(lines, 1) if WORDS.search(line)]


def test_plugins_do_not_know_each_others_layers() -> None:
    """A plugin imports, beside ports, at most what plugins of its own layer share."""
    families = {"receipts": "trust"}
    for module in modules("harness/systems/commerce/plugins"):
        mine = module.rpartition(".")[2]
        for name in (
            one.rpartition(".")[2]
            for one in own(module)
            if one.startswith("crosslayer.harness.systems.commerce.plugins.")
        ):
            assert families.get(name, name.split("_")[0]) == families.get(mine, mine.split("_")[0])


# Determinism


def calls(module: str) -> Iterator[ast.Call]:
    """All calls in a module."""
    return (node for node in ast.walk(tree(module)) if isinstance(node, ast.Call))


def dotted(node: ast.expr) -> str:
    """An attribute chain as text, or nothing."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{dotted(value)}.{name}"
    return ""


MEASURING = {
    "crosslayer.strategies.hunt",
    "crosslayer.harness.search.volume",
    "crosslayer.harness.search.workers",
    "crosslayer.harness.search.cluster",
    "crosslayer.harness.search.explore",
    "crosslayer.harness.search.progress",
    "crosslayer.harness.process.parent",
} | {one for one in ALL if one.startswith("crosslayer.harness.commands.")}
"""Modules that tell a person how long something took, or stop after a number of seconds: never part of a run."""


@pytest.mark.parametrize("module", ALL)
def test_no_module_looks_at_the_wall_clock(module: str) -> None:
    """Time is the kernel's tick; only what tells a person about seconds may ask for them, and never for the date."""
    clocks = {name.split(".")[0] for name in imported(module)} & WALL_CLOCK
    asked = {dotted(call.func) for call in calls(module) if dotted(call.func).split(".")[0] in WALL_CLOCK}

    assert clocks == set() or module in MEASURING | REPLACING | HOSTED
    allowed = {"time.perf_counter", "time.monotonic", "time.process_time", "time.sleep"}
    assert asked <= allowed or module in HOSTED


@pytest.mark.parametrize("module", ALL)
def test_no_module_draws_from_global_chance(module: str) -> None:
    """Chance comes from generators seeded by the run, never from the process or the operating system."""
    asked = {dotted(call.func) for call in calls(module)}

    allowed = {"secrets"} if module in GUESSED_BY_NOBODY else GLOBAL_CHANCE if module in REPLACING else set()

    assert not packages(imported(module)) & (GLOBAL_CHANCE - allowed)
    assert {name for name in asked if name.startswith("random.")} <= {"random.Random"}
    assert not any(name in ("os.urandom", "os.getpid") or name.endswith("SystemRandom") for name in asked)
    assert all(call.args for call in calls(module) if dotted(call.func) in ("random.Random", "Random"))


@pytest.mark.parametrize("module", [one for one in ALL if one != "crosslayer.harness.kernel.guard"])
def test_no_module_depends_on_addresses_or_hashes(module: str) -> None:
    """`id` and `hash` differ between processes; the guard alone compares hashes, within one call."""
    assert not HASH_ORDER & {dotted(call.func) for call in calls(module)}


def is_set(node: ast.expr) -> bool:
    """Whether an expression is a set as it stands there."""
    match node:
        case ast.Set() | ast.SetComp():
            return True
        case ast.Call(func=ast.Name(id="set" | "frozenset")):
            return True
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr() | ast.Sub(), left=left, right=right):
            return is_set(left) or is_set(right) or "keys" in (dotted_call(left), dotted_call(right))
    return False


def dotted_call(node: ast.expr) -> str:
    """The last name of what is called."""
    return dotted(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""


@pytest.mark.parametrize("module", modules("crosslayer.harness"))
def test_no_loop_runs_over_a_set(module: str) -> None:
    """Nothing in the harness goes through a set in its own order, as a loop or into a sequence."""
    loops = [node.iter for node in ast.walk(tree(module)) if isinstance(node, ast.For | ast.comprehension)]
    sequences = [
        call.args[0]
        for call in calls(module)
        if call.args
        and (dotted(call.func) in ("tuple", "list", "enumerate", "next", "iter") or dotted_call(call) == "join")
    ]
    harmless = {id(node.generators[0].iter) for node in ast.walk(tree(module)) if isinstance(node, ast.SetComp)}

    assert [] == [node.lineno for node in (*loops, *sequences) if is_set(node) and id(node) not in harmless]


@pytest.mark.parametrize("module", ALL)
def test_every_module_says_what_it_owns(module: str) -> None:
    """A module opens with a docstring; its first sentence fits into the first line."""
    docstring = ast.get_docstring(tree(module)) or ""

    assert docstring.splitlines()[:1] != [""]
    assert docstring or path_of(module).read_text() == ""


BARE = {"harness", "properties", "strategies", "scenarios"}
"""The folders of the checkout, under whose own names every module would be loaded a second time."""

WRITTEN = [
    path
    for place in ("crosslayer", "harness", "properties", "strategies", "tests", "benchmarks")
    for path in sorted((ROOT / place).rglob("*.py"))
] + [ROOT / "conftest.py"]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def bare(text: str) -> list[str]:
    """The imports of this code that name one of the folders, and the dotted paths in its strings that would."""
    found = []
    for node in ast.walk(ast.parse(text)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [str(node.module)]
        elif isinstance(node, ast.Constant) and re.fullmatch(r"\w+(\.\w+)+(:\w+)?", str(node.value)):
            names = [name for name in [str(node.value)] if not name.endswith((".py", ".yaml"))]
        found += [name for name in names if name.partition(".")[0] in BARE]
    return found


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_folder_is_imported_under_its_bare_name(path: Path) -> None:
    """All code says `crosslayer.harness`, never `harness`, in imports and in dotted paths alike."""
    assert [] == bare(path.read_text())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_page_imports_a_folder_under_its_bare_name(path: Path) -> None:
    """What pages show to be typed imports from `crosslayer`, too."""
    blocks = re.findall(r"^```python\n(.*?)^```$", path.read_text(), re.MULTILINE | re.DOTALL)
    commands = re.findall(rf"=((?:{'|'.join(sorted(BARE))})\.[\w.]+:\w+)", path.read_text())

    assert [] == [name for block in blocks for name in bare(dedent(block))] + commands


def test_bare_names_are_noticed() -> None:
    """The check sees what would load a module twice, and nothing else."""
    yes = ("import harness", "from harness.model import steps", "import_module('strategies.hunt')", "'harness.a:make'")
    no = ("import crosslayer.harness", "from crosslayer import harness", "'harness'", "'harness/kernel/world.py'")

    assert [1] * len(yes) == [len(bare(text)) for text in yes]
    assert [0] * len(no) == [len(bare(text)) for text in no]


def test_the_rules_can_be_broken() -> None:
    """The check for loops over sets sees the sets that it should, and no others."""
    yes = ("{1, 2}", "{x for x in y}", "set(y)", "frozenset(y)", "a.keys() - b.keys()", "set(a) | b")
    no = ("sorted(set(y))", "[1]", "dict.fromkeys(y)", "a - b", "{1: 2}")

    assert [True] * len(yes) == [is_set(ast.parse(text, mode="eval").body) for text in yes]
    assert [False] * len(no) == [is_set(ast.parse(text, mode="eval").body) for text in no]
