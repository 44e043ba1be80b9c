"""Goods against money: a system with an arbiter, written against the public face alone."""
