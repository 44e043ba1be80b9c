"""An ASGI application on a port of its host: uvicorn, without what only a process of its own has use for.

Owns that one function. Knows nothing of any application.
"""

import asyncio
from typing import Any

try:
    import uvicorn
except ImportError:
    uvicorn = None  # type: ignore[assignment]


async def serve(app: Any, port: int = 80, host: str = "0.0.0.0") -> None:  # noqa: S104 - no interface is a real one
    """Serve an ASGI application until this is cancelled.

    `ModuleNotFoundError` if uvicorn is not installed, `RuntimeError` if the application fails while it starts.

    This is `uvicorn.Server(...).serve()` without its look at the clock ten times a second, which would be ten events.
    """
    if uvicorn is None:
        raise ModuleNotFoundError("serve() needs uvicorn: pip install 'crosslayer[http]'")
    config = uvicorn.Config(app, host=host, port=port, loop="none", http="h11", ws="none", log_config=None)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    if server.should_exit:
        raise RuntimeError("the application fails while it starts: its lifespan raises")
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        await server.shutdown()
