"""Real programs as agents: unmodified asyncio code behind the kernel's port, on a network, clock and disk of the world's."""
