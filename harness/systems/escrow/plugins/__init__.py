"""The plugins of escrow that ship, one module each."""
