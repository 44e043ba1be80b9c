"""Delegation: who may call which tool, by capability tokens that only narrow. By the public face alone."""
