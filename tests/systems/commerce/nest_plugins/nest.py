"""NEST's values for the tests: the real ones where NEST is installed, stand-ins where it is not."""

import importlib
from importlib.util import find_spec
from types import ModuleType

from tests.systems.commerce.nest_plugins import stand_in

INSTALLED = find_spec("nest_core") is not None

types: ModuleType = importlib.import_module("nest_core.types") if INSTALLED else stand_in
