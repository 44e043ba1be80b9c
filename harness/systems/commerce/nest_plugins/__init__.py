"""NEST plugin classes as plugins of our layers: made as NEST makes them, called without an event loop."""
