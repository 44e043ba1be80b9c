"""Goods against money: the second real system, written against the public face alone."""
