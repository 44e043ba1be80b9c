"""Values as JSON and back: canonical on the way out, strict on the way in.

Owns the JSON form of steps, scenarios and everything made of them. Knows no file.

Nothing is coerced: a text is no number, a bool is no integer, an unknown key is an error. Whatever is wrong
becomes one `BadInput` line with the path to the place.
"""

import json
import math
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any, TypeVar, get_args, get_origin

import attrs
from cattrs import BaseValidationError, Converter, ForbiddenExtraKeysError, transform_error
from cattrs.cols import list_structure_factory
from cattrs.gen import make_dict_structure_fn

from crosslayer.harness.model.arguments import argument_of
from crosslayer.harness.model.brief import INTEGER_BOUND, brief
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.model.scenario import Names
from crosslayer.harness.model.steps import Schedule, Step
from crosslayer.harness.model.system import System

T = TypeVar("T")

DEPTH_BOUND = 100
"""Levels of nesting in a JSON text, so that what can be read can be written again, too."""

REASON_BOUND = 300
"""Characters of a reason: a file may hold a megabyte of junk, and nobody wants to read it twice."""

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def dumps(value: Any) -> bytes:
    """Canonical JSON: sorted keys, no blanks, ASCII only (so that even half a surrogate pair survives).

    Equal values have equal bytes. `ValueError` for a float that is no number: JSON has no word for it.
    """
    return _encode(value).encode("ascii")


def loads(text: bytes | str, place: str) -> Any:
    """A JSON value; `BadInput` at `place` if it is not UTF-8 or JSON, has a key twice, or is too deep."""
    try:
        decoded = text if isinstance(text, str) else text.decode()
        value = _decode(decoded)
    except RecursionError:
        raise BadInput(place, "is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise BadInput(place, f"is not UTF-8 at byte {error.start}") from None
    except ValueError as error:
        raise BadInput(place, f"is not JSON: {error}") from None
    if decoded.count("[") + decoded.count("{") > DEPTH_BOUND and _too_deep(value):
        raise BadInput(place, "is nested too deeply")
    return value


def structure(value: Any, kind: type[T], place: str, system: System | None = None) -> T:
    """A value of this type from its JSON form; `BadInput` at `place`, with the path, if it is not one.

    Whatever holds steps can be read for a `system` only, whose steps, message kinds and moments they are.
    """
    try:
        return _converter(system).structure(value, kind)
    except RecursionError:
        raise BadInput(place, "is nested too deeply") from None
    except (BaseValidationError, ForbiddenExtraKeysError, TypeError, ValueError, KeyError) as error:
        raise BadInput(place, _told(transform_error(error, format_exception=_explain)[0])) from None


def unstructure(value: Any) -> Any:
    """The JSON form of a value; the inverse of `structure`."""
    return _CONVERTER.unstructure(value)


def step_json(step: Step) -> dict[str, Any]:
    """One step as JSON: `{"step": "Drop", "kind": "write", "nth": 0}`."""
    return {"step": type(step).__name__, **_CONVERTER.unstructure(step, type(step))}


def schedule_json(schedule: Schedule) -> list[dict[str, Any]]:
    """A schedule as JSON: a list of steps."""
    return [step_json(step) for step in schedule]


def schedule_from(value: Any, place: str, system: System) -> Schedule:
    """A schedule of a system from its JSON form; `BadInput` at `place` if it is not one."""
    return structure(value, Schedule, place, system)


def scenario_from(value: Any, place: str, system: System) -> Any:
    """A scenario of a system from its JSON form; `BadInput` at `place` if it is not one."""
    return structure(value, system.scenario_class, place, system)


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEPTH_BOUND):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{brief(text)} is too large")
    return number


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key comes twice in one object")
    return value


_decode = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_each_once).decode


def _told(line: str) -> str:
    """The words of cattrs, "reason @ $.path", as "path: reason"."""
    reason, _, path = line.rpartition(" @ $")
    reason = reason if len(reason) <= REASON_BOUND else reason[:REASON_BOUND] + "…"
    return f"{path.lstrip('.')}: {reason}" if path else reason


def _explain(error: BaseException, kind: type | None) -> str:
    match error:
        case ForbiddenExtraKeysError(extra_fields=extra):
            return f"unknown key{'s' if len(extra) > 1 else ''} {', '.join(sorted(map(brief, extra)))}"
        case KeyError():
            return "is missing"
        case ValueError() | TypeError() if error.args:
            return str(error.args[0])
    return f"not a {getattr(kind, '__name__', kind)}"


_WORDS = {int: "an integer", str: "a text", bool: "true or false", list: "a list", dict: "a mapping"}


def _exactly(kind: type[T], value: Any, _type: Any = None) -> T:
    """The value itself if it is exactly of this kind."""
    if type(value) is not kind:
        raise TypeError(f"expected {_WORDS[kind]}, not {brief(value)}")
    return value


def _integer(value: Any, _type: Any) -> int:
    number = _exactly(int, value)
    if not -INTEGER_BOUND <= number < INTEGER_BOUND:
        raise ValueError("an integer must fit into 64 bits")
    return number


def _number(value: Any, type_: Any) -> float:
    if type(value) is int:
        return float(_integer(value, type_))
    if type(value) is not float or not math.isfinite(value):
        raise TypeError(f"expected a number, not {brief(value)}")
    return value


def _names(value: Any, _type: Any) -> Names:
    return tuple((_exactly(str, key), _exactly(str, name)) for key, name in _exactly(dict, value).items())


def _names_json(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    return dict(pairs)


def _step(system: System | None, value: Any, _type: Any) -> Step:
    fields = dict(_exactly(dict, value))
    name = fields.pop("step", None)
    known = {one.__name__: one for one in system.vocabulary} if system is not None else {}
    kind = known.get(name) if isinstance(name, str) else None
    if kind is None or system is None:
        raise ValueError(f"there is no step {brief(name)}" if name is not None else "step is missing")
    step = _CONVERTER.structure({**system.first_values(kind), **fields}, kind)
    for one in attrs.fields(kind):
        system.check_argument(argument_of(one), getattr(step, one.name))
    return step


def _is_names(kind: Any) -> bool:
    return bool(kind == Names)


def _is_sequence(kind: Any) -> bool:
    return get_origin(kind) is tuple and get_args(kind)[-1:] == (Ellipsis,)


def _sequence(converter: Converter, kind: Any) -> Callable[[Any, Any], Any]:
    item = get_args(kind)[0]
    base = list_structure_factory(list[item], converter)  # type: ignore[valid-type]
    return lambda value, _type: tuple(base(_exactly(list, value), list[item]))  # type: ignore[valid-type]


def _frozen(converter: Converter, kind: Any) -> Callable[[Any, Any], Any]:
    base = make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=True)
    return lambda value, type_: base(_exactly(dict, value), type_)


def _make_converter(system: System | None) -> Converter:
    converter = Converter(forbid_extra_keys=True, unstruct_collection_overrides={tuple: list})
    for kind in (str, bool):
        converter.register_structure_hook(kind, partial(_exactly, kind))
    converter.register_structure_hook(int, _integer)
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook_factory(attrs.has, partial(_frozen, converter))
    converter.register_structure_hook_factory(_is_sequence, partial(_sequence, converter))
    converter.register_structure_hook_func(_is_names, _names)
    converter.register_structure_hook_func(lambda kind: kind is Step, partial(_step, system))
    converter.register_unstructure_hook_func(_is_names, _names_json)
    converter.register_unstructure_hook_func(lambda kind: kind is Step, step_json)
    return converter


_CONVERTER = _make_converter(None)
"""What reads and writes values that hold no steps, and writes those that do."""


@cache
def _converter(system: System | None) -> Converter:
    return _CONVERTER if system is None else _make_converter(system)
