"""What must be true of every run: what properties are made of, and the properties of the systems that ship.

Properties see events and nothing else, so a stored trace is judged exactly like a live run.
"""

if __name__ != "crosslayer.properties":
    raise ImportError("import crosslayer.properties: under the bare name, every module would be loaded a second time")
