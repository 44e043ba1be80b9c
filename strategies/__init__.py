"""Everything that draws: the only product code that imports Hypothesis."""

if __name__ != "crosslayer.strategies":
    raise ImportError("import crosslayer.strategies: under the bare name, every module would be loaded a second time")
