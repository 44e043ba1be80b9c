"""What the bytes of a connection say: HTTP/1.1 requests and answers, and in them the calls of JSON-RPC, MCP and A2A.

Owns the cutting of what a program writes into application messages, and their names, which are kinds of the kernel's
messages. Knows nothing of who writes, or of how messages travel.
"""

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from attrs import define, field, frozen

from crosslayer.harness.model.declarations import MessageKind
from crosslayer.harness.programs.tcp import ACCEPT, ACK, CONNECT, END, PLAIN, RESET

DATAGRAM = "datagram"
"""The message kind of all datagrams."""

Piece = tuple[str, bytes]
"""The message kind of some bytes, and the bytes."""


Whole = tuple[str, Any]
"""The kind of a message that has arrived wholly, and the JSON in it; None if there is none."""


class Conversation(Protocol):
    """What one end of a connection remembers of both directions."""

    def wrote(self, data: bytes) -> Sequence[Piece]:
        """What the program wrote in one turn, cut into pieces: all of it, in order."""
        ...

    def read(self, data: bytes) -> Sequence[Whole]:
        """What came from the peer: those messages that are whole now."""
        ...


class Decoder(Protocol):
    """What a protocol says in a stream of bytes."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every message kind that it finds."""
        ...

    def conversation(self) -> Conversation:
        """A new connection's."""
        ...


class _Bytes:
    """A conversation in which nothing is understood."""

    def wrote(self, data: bytes) -> Sequence[Piece]:
        return ((PLAIN, data),)

    def read(self, data: bytes) -> Sequence[Whole]:  # noqa: ARG002 - that is the point
        return ()


@frozen
class Plain:
    """No decoder: what a program writes in one turn is one message, of the kind `data`."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """None of its own."""
        return ()

    def conversation(self) -> Conversation:
        """One in which nothing is understood."""
        return _Bytes()


REQUEST, ANSWER = "request", "answer"
"""The kinds of an HTTP message whose name no decoder lists."""


def answer_to(kind: str) -> str:
    """The kind of the answer to a request of this kind."""
    return ANSWER if kind == REQUEST else f"answer to {kind}"


@frozen
class Request:
    """An HTTP request, as far as it was written."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """What is asked for, without the query."""
        return self.target.partition("?")[0]

    @property
    def content(self) -> Any:
        """The body's JSON; None if it is none."""
        return _json(self.body)


def _json(body: bytes) -> Any:
    """The JSON of a body, or of the last event of a stream of events; None if it is none."""
    if body.startswith((b"event:", b"data:", b"id:", b":")):
        lines = [line[5:] for line in body.splitlines() if line.startswith(b"data:")]
        body = lines[-1] if lines else b""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def route(request: Request) -> str:
    """The name of a request by its method and path: `POST /write`."""
    return f"{request.method} {request.path}"


@frozen
class Http:
    """HTTP/1.1. A request whose `name(request)` is one of `names` is a message of that kind, any other a `request`.

    Its answer is a message of the kind "answer to NAME". What is written of a message in one turn travels together.
    """

    names: tuple[str, ...] = ()
    name: Callable[[Request], str] = route

    @property
    def kinds(self) -> tuple[str, ...]:
        """The names and their answers, the others last."""
        return (*(kind for name in self.names for kind in (name, answer_to(name))), REQUEST, ANSWER)

    def conversation(self) -> Conversation:
        """A new connection's."""
        return _HttpConversation(self._kind)

    def _kind(self, request: Request) -> str:
        name = self.name(request)
        return name if name in self.names else REQUEST


def _rpc(method: str, named: Callable[[Any], str], request: Request) -> str:
    content = request.content
    said = content.get("method") if isinstance(content, dict) else None
    if not isinstance(said, str):
        return route(request)
    return f"{said} {named(content)}" if said == method else said


def _tool(content: Any) -> str:
    params = content.get("params")
    return str(params.get("name")) if isinstance(params, dict) else ""


def mcp(*tools: str) -> Http:
    """MCP over streamable HTTP: `tools/call NAME` for each of these tools, and the methods that open a session."""
    opening = ("initialize", "notifications/initialized", "server/discover", "tools/list")
    return Http((*(f"tools/call {tool}" for tool in tools), *opening), partial(_rpc, "tools/call", _tool))


def a2a(*methods: str) -> Http:
    """A2A over JSON-RPC: its methods by name, and the card of an agent."""
    card = "GET /.well-known/agent-card.json"
    return Http((*(methods or ("SendMessage", "GetTask")), card), partial(_rpc, "", _tool))


def messages(decoder: Decoder, *, datagrams: bool = False) -> tuple[MessageKind, ...]:
    """The message kinds of a system whose programs talk through connections: the decoder's, then those of TCP.

    With `datagrams`, programs may send these as well. A search draws those of TCP seldom, and what acknowledges never:
    there a program notices nothing but a stall.
    """
    found = [MessageKind(kind, weight=4, about=f"{kind}, as one or more segments") for kind in decoder.kinds]
    tcp = {
        PLAIN: "bytes in which no decoder sees a message",
        CONNECT: "a connection is asked for",
        ACCEPT: "a connection is granted",
        END: "no more bytes will come in this direction",
        RESET: "the connection is broken off or refused",
        ACK: "what has arrived so far",
    }
    if datagrams:
        found.append(MessageKind(DATAGRAM, weight=4, about="a datagram"))
    return (*found, *(MessageKind(kind, weight=int(kind != ACK), about=about) for kind, about in tcp.items()))


# HTTP/1.1

_HEAD_END = b"\r\n\r\n"
_UNTIL_CLOSE = -1
_BODILESS = ("204", "304")


@define
class _Message:
    """An HTTP message, as far as it has come."""

    start: tuple[str, str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    is_whole: bool = False

    @property
    def is_request(self) -> bool:
        return not self.start[0].startswith("HTTP/")


class _Scanner:
    """Cuts one direction of a connection where its messages end."""

    def __init__(self) -> None:
        self._head = b""
        self._message: _Message | None = None
        self._left = 0
        self._chunked = False
        self._line = b""
        self.is_lost = False

    def scan(self, data: bytes, asked: str) -> tuple[_Message | None, int]:
        """The message under way after these bytes, and how many of them belong to it; `asked` is the request's method.

        None while its head is not whole.
        """
        if self._message is None:
            before = len(self._head)
            self._head += data
            end = self._head.find(_HEAD_END)
            if end < 0:
                return None, len(data)
            used = end + len(_HEAD_END) - before
            self._begin(self._head[:end], asked)
            self._head = b""
        else:
            used = 0
        if self._message is None:
            return None, len(data)
        message = self._message
        used += self._chunks(message, data[used:]) if self._chunked else self._bytes(message, data[used:])
        if message.is_whole:
            self._message = None
        return message, used

    def _begin(self, head: bytes, asked: str) -> None:
        first, *rest = head.decode("latin-1").split("\r\n")
        start = first.split(" ", 2)
        if len(start) < 2 or not any(part.startswith("HTTP/") for part in (start[0], start[-1])):  # noqa: PLR2004
            self.is_lost = True
            return
        pairs = (line.partition(":") for line in rest)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        message = self._message = _Message((start[0], start[1], start[2] if len(start) > 2 else ""), headers)  # noqa: PLR2004
        self._chunked = "chunked" in headers.get("transfer-encoding", "").lower()
        length = headers.get("content-length", "")
        self._left = int(length) if length.isdigit() else 0 if message.is_request or self._chunked else _UNTIL_CLOSE
        if not message.is_request and (asked == "HEAD" or start[1] in _BODILESS or start[1].startswith("1")):
            self._left, self._chunked = 0, False
        self._line = b""

    def _bytes(self, message: _Message, data: bytes) -> int:
        taken = data if self._left == _UNTIL_CLOSE else data[: self._left]
        message.body += taken
        if self._left != _UNTIL_CLOSE:
            self._left -= len(taken)
            message.is_whole = not self._left
        return len(taken)

    def _chunks(self, message: _Message, data: bytes) -> int:
        """Take in chunks: a line with a size, that many bytes and a line end; the last has the size 0."""
        used = 0
        while used < len(data):
            if self._left > 0:
                taken = data[used : used + self._left]
                message.body += taken[: max(0, self._left - 2)]
                self._left -= len(taken)
                used += len(taken)
                continue
            end = data.find(b"\n", used)
            piece = data[used:] if end < 0 else data[used : end + 1]
            self._line += piece
            used += len(piece)
            if end < 0:
                break
            line, self._line = self._line.strip(), b""
            if self._left < 0:  # behind the last chunk come trailers, and an empty line
                if not line:
                    message.is_whole, self._left = True, 0
                    break
                continue
            try:
                size = int(line.partition(b";")[0], 16)
            except ValueError:
                self.is_lost = True
                return len(data)
            self._left = size + 2 if size else -1
        return used


@define
class _Asked:
    """A request that was not answered wholly yet."""

    kind: str
    method: str


@define(eq=False)
class _HttpConversation:
    """Both directions of one connection, as one of its ends sees them."""

    _kind: Callable[[Request], str]
    _own: _Scanner = field(factory=_Scanner)
    _theirs: _Scanner = field(factory=_Scanner)
    _asked: deque[_Asked] = field(factory=deque)

    def wrote(self, data: bytes) -> Sequence[Piece]:
        return self._scanned(self._own, data, [])

    def read(self, data: bytes) -> Sequence[Whole]:
        whole: list[Whole] = []
        self._scanned(self._theirs, data, whole)
        return whole

    def _scanned(self, scanner: _Scanner, data: bytes, whole: list[Whole]) -> list[Piece]:
        pieces: list[Piece] = []
        while data:
            if scanner.is_lost:
                return [*pieces, (PLAIN, data)]
            asked = self._asked[0] if self._asked else _Asked(REQUEST, "")
            message, used = scanner.scan(data, asked.method)
            kind = PLAIN
            if message is not None and message.is_request:
                kind = self._kind(Request(message.start[0], message.start[1], message.headers, message.body))
                if message.is_whole:
                    self._asked.append(_Asked(kind, message.start[0]))
            elif message is not None:
                kind = answer_to(asked.kind)
                if message.is_whole and self._asked and not message.start[1].startswith("1"):
                    self._asked.popleft()
            if message is not None and message.is_whole:
                whole.append((kind, _json(message.body)))
            pieces.append((kind, data[:used]))
            data = data[used:]
        return pieces
