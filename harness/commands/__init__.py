"""The commands, one module each. Like the command line that loads them, they see everything."""
