"""What is said: events, effects, steps, verdicts, errors. Immutable values, no behaviour."""
