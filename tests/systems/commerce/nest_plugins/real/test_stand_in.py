"""The stand-ins, with which the adapter is tested where NEST is not installed, are like the real thing."""

from typing import Any

import attrs
import pytest
from nest_core import types
from pydantic import BaseModel

from tests.systems.commerce.nest_plugins import stand_in

MODELS = ("AgentCard", "Query", "Money", "Receipt", "Evidence", "ReputationScore")


def _defaults(model: type[BaseModel]) -> dict[str, Any]:
    """The fields of a model, with their defaults, or None where there is none."""
    return {name: one.get_default(call_default_factory=True) for name, one in model.model_fields.items()}


@pytest.mark.parametrize("name", MODELS)
def test_same_fields_and_defaults(name: str) -> None:
    """A stand-in has exactly the fields of NEST's model, required where they are, with the same defaults."""
    real: type[BaseModel] = getattr(types, name)
    fields = attrs.fields_dict(getattr(stand_in, name))
    given: dict[str, Any] = {key: one.default for key, one in fields.items()}
    plain = {key: one.factory() if hasattr(one, "factory") else one for key, one in given.items()}
    required = {key for key, one in given.items() if one is attrs.NOTHING}

    assert {key for key, one in real.model_fields.items() if one.is_required()} == required
    assert {key: one for key, one in _defaults(real).items() if key not in required} == {
        key: one for key, one in plain.items() if key not in required
    }


def test_same_statuses() -> None:
    """The statuses have the same names."""
    assert {one.name for one in types.PaymentStatus} <= {one.name for one in stand_in.PaymentStatus} | {"STREAMING"}
    assert {one.name for one in stand_in.PaymentStatus} <= {one.name for one in types.PaymentStatus}
