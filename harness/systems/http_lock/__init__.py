"""`http_lock`: the lease lock of `lock` as real programs, a starlette server with SQLite and httpx workers."""
