"""How it is written: JSON, YAML, traces, counterexamples, and the files they stand in."""
