"""Crosslayer finds the bugs that live between the layers of multi-agent protocol stacks."""
