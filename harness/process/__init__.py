"""Processes: what is printed and by whom, the child in which foreign code runs, and how everything ends."""
