"""The plugins of delegation that ship, one module each."""
