"""The systems that ship: each is a protocol with its layers, agents, adversary and properties."""
