"""Real programs as agents: unmodified asyncio code, on a network, a clock and a disk of the world's."""
