"""Crosslayer's kernel and everything that runs without Hypothesis."""
