"""Crosslayer's kernel and everything that runs without Hypothesis."""

if __name__ != "crosslayer.harness":
    raise ImportError("import crosslayer.harness: under the bare name, every module would be loaded a second time")
