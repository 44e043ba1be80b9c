"""The tests. Helpers are imported by full name from the root."""
