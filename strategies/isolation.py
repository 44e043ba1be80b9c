"""What Hypothesis would take from the process around it, and how that is kept out of a hunt.

Owns the hidden inputs of Hypothesis: constants that it collects from the modules that happen to be imported, and all
that a profile, an environment variable or the example database decides. With them a hunt from a checkout would differ
from the same hunt from a wheel, since Hypothesis reads the constants of local modules only.

The constants lean on an internal of Hypothesis (`_maybe_draw_constant`). Versions before 6.131 have no such pool, and
nothing to be turned off; a test draws the same hunt among foreign modules, and fails if the pool comes back.
"""

from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.control import current_build_context, currently_in_test_context


def without_constants() -> None:
    """Let the test case that is being drawn, if any is, draw from its random bits alone."""
    provider: Any = current_build_context().data.provider if currently_in_test_context() else None
    if hasattr(provider, "_maybe_draw_constant"):
        provider._maybe_draw_constant = _no_constant  # noqa: SLF001 - guarded above, see the module


def _no_constant(*_args: Any, **_options: Any) -> None:
    """No constant is drawn, and nothing random is spent on the question."""


def closed(examples: int, steps: int) -> settings:
    """Settings for a number of runs and of steps that leave nothing to be decided by a profile or the environment."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        backend="hypothesis",
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=Verbosity.normal,
    )


__all__ = ["closed", "without_constants"]
