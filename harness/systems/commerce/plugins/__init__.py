"""The plugins that ship with Crosslayer, one module each."""
