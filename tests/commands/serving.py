"""The what-if table as its users meet it: a process of its own, on a port of its own."""

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from attrs import frozen

ROOT = Path(__file__).parents[2]
STALE_WRITE = ROOT / "corpus" / "lock" / "no_stale_write-bb86cb76d0885aa2.json"


@frozen
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def query(self) -> Mapping[str, str]:
        """The query of the address that the answer sends one to."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.headers["location"]).query).items()}


@frozen
class Server:
    process: subprocess.Popen[str]
    address: str

    @property
    def path(self) -> str:
        return urlsplit(self.address).path

    def ask(
        self,
        path: str | None = None,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One answer, which is not followed to where it sends one."""
        place = urlsplit(self.address)
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=60)
        target = (place.path if path is None else path) + (f"?{urlencode(query)}" if query else "")
        body = urlencode(form) if form is not None else None
        connection.request("GET" if form is None else "POST", target, body, dict(headers or {}))
        answer = connection.getresponse()
        found = Answer(answer.status, {name.lower(): one for name, one in answer.getheaders()}, answer.read().decode())
        connection.close()
        return found

    def interrupted(self) -> int:
        """The exit status after Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


@contextmanager
def serving(*words: str, folder: Path) -> Iterator[Server]:
    """A command that serves, until this context is left."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "crosslayer", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        assert process.stderr is not None
        assert line.startswith("http://127.0.0.1:"), process.stderr.read()
        yield Server(process, line)
    finally:
        process.kill()
        process.communicate()
