"""Real programs as agents: unmodified asyncio code, HTTP, MCP and A2A under the same steps.

An agent of any `System` may be an `AsyncioAgent`: a coroutine function that runs on a loop, a network, a clock and a
disk of the world's. `messages(decoder)` are the message kinds of such a system.
"""

from crosslayer.harness.programs.agent import AsyncioAgent, Host, ProgramTiming
from crosslayer.harness.programs.decoders import Http, Plain, Request, a2a, mcp, messages
from crosslayer.harness.programs.middle import MIDDLE, Rewrite, SayAgain
from crosslayer.harness.programs.probing import Call, Heard, Span, State, tool_calls
from crosslayer.harness.programs.serving import serve

__all__ = [
    "MIDDLE",
    "AsyncioAgent",
    "Call",
    "Heard",
    "Host",
    "Http",
    "Plain",
    "ProgramTiming",
    "Request",
    "Rewrite",
    "SayAgain",
    "Span",
    "State",
    "a2a",
    "mcp",
    "messages",
    "serve",
    "tool_calls",
]
