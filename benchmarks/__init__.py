"""How fast it is, as ratios measured in one run.

Run from the root with `python -m benchmarks`, or `python -m benchmarks kernel` for one table. Each module
offers `measure()`, which answers one `Table`; `__main__` lists the modules and prints what they answer.
"""
