"""Who does the work of a command: processes of this machine, or of a cluster.

Owns the options that say so, and what is said where the extra of a cluster is not installed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import click
from attrs import frozen

from crosslayer.harness.commands.kinds import JOBS
from crosslayer.harness.model.errors import BadInput
from crosslayer.harness.search.processes import here
from crosslayer.harness.search.workers import Workers

NEEDED = "distributed"
"""What the extra `cluster` brings."""


@frozen
class Hiring:
    """What was asked for: a number of processes, or a cluster; neither for `usual` processes."""

    usual: int
    jobs: int | None = None
    cluster: str | None = None
    stall_seconds: float = 60.0

    def flags(self) -> str:
        """As on the command line; empty if nothing was asked for."""
        return f"--cluster {self.cluster}" if self.cluster else f"--jobs {self.jobs}" if self.jobs else ""

    def require(self) -> None:
        """`BadInput` for what cannot be had, as far as it can be told before there is anything to do."""
        if self.cluster is None:
            return
        if self.jobs is not None:
            raise BadInput(f"--jobs {self.jobs}", "--cluster says where the work is done; name one of them")
        if find_spec(NEEDED) is None:
            raise BadInput(f"--cluster {self.cluster}", "pip install 'crosslayer[cluster]' brings what it needs")

    @contextmanager
    def hired(self) -> Iterator[Workers]:
        """The workers, until this context is left."""
        self.require()
        if self.cluster is None:
            yield here(self.jobs or self.usual)
            return
        with import_module("crosslayer.harness.search.cluster").joined(self.cluster, self.stall_seconds) as workers:
            yield workers


def workers_options(usual: int, jobs_help: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """--jobs and --cluster, which become `hiring`."""
    jobs_option = click.option("--jobs", type=JOBS, help=jobs_help)
    cluster_option = click.option(
        "--cluster",
        metavar="ADDRESS",
        help="Let the workers of this Dask cluster do the runs: tcp://HOST:PORT of its scheduler, or local:N for N "
        "workers on this machine.",
    )

    def decorate(function: Callable[..., int]) -> Callable[..., int]:
        @jobs_option
        @cluster_option
        @click.pass_context
        @wraps(function)
        def wrapper(context: click.Context, /, *args: Any, jobs: int | None, cluster: str | None, **rest: Any) -> int:
            hiring = Hiring(usual, jobs, cluster, context.params["stall_seconds"])
            return function(*args, hiring=hiring, **rest)

        return wrapper

    return decorate


ONE_FOR_EACH_CORE = "Processes; by default, one for each core."
