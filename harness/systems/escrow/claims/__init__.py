"""The joint invariants of escrow, one module each. They see events and nothing else."""
