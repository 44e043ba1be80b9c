"""How hard Hypothesis tries, under three names; and whether NEST is there to be tested against.

Owns the profiles. One is chosen by HYPOTHESIS_PROFILE, or else `ci` where CI is set, or else `dev`; pytest's
own `--hypothesis-profile` wins over both. (It also asks for pytest's plugin for testing plugins.)

No profile has a deadline, and none minds slow examples: whether a test passes never depends on the clock of a
busy machine.
"""

import os
from importlib.util import find_spec

from hypothesis import HealthCheck, settings

pytest_plugins = ("pytester",)

# Where CI is set, Hypothesis derandomises whatever does not say otherwise; a long night under one seed would be wasted.
settings.register_profile(
    "dev", deadline=None, derandomize=False, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, database=None)
settings.register_profile(
    "nightly", settings.get_profile("dev"), max_examples=5_000, stateful_step_count=200, database=None
)

settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))


def pytest_report_header() -> str:
    """One line that says which tests are not collected."""
    if find_spec("nest_core") is None:
        return "NEST: not installed, so tests/systems/commerce/nest_plugins/real is not collected (make nest)"
    return "NEST: installed"
