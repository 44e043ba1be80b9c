"""A real scheduler and real workers, as processes on the loopback."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

ROOT = Path(__file__).parent.parent.parent
WAIT_SECONDS = 60


class Fleet:
    """A scheduler at `address`, and the workers that have been started."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "scheduler.json"
        self._processes: list[subprocess.Popen[bytes]] = []
        self.workers: list[subprocess.Popen[bytes]] = []
        words = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(self._file))
        self.scheduler = self._started("dask_scheduler", words, ROOT, {})
        self.address = str(self._read()["address"])

    def worker(self, cwd: Path = ROOT, **variables: str) -> subprocess.Popen[bytes]:
        """One more worker, in this folder and with these variables of its environment; it joins when it can."""
        here = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(self._folder))
        started = self._started("dask_worker", (self.address, "--host", "127.0.0.1", *here), cwd, variables)
        self.workers.append(started)
        return started

    def end(self) -> None:
        """End them all."""
        for process in self._processes:
            process.kill()
            process.wait()

    def _started(
        self, program: str, words: tuple[str, ...], cwd: Path, variables: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603 - a program that we have installed
            [sys.executable, "-m", f"distributed.cli.{program}", *words],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": "", **variables},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._processes.append(process)
        return process

    def _read(self) -> dict[str, object]:
        until = monotonic() + WAIT_SECONDS
        while monotonic() < until:
            if self._file.exists() and self._file.read_text().strip():
                value: dict[str, object] = json.loads(self._file.read_text())
                return value
            sleep(0.05)
        raise TimeoutError("the scheduler does not start")


@contextmanager
def fleet(folder: Path, workers: int = 0) -> Iterator[Fleet]:
    """A scheduler with this number of workers, until this context is left."""
    one = Fleet(folder)
    try:
        for _ in range(workers):
            one.worker()
        yield one
    finally:
        one.end()
