"""`python -m crosslayer` is `crosslayer`."""

from crosslayer.cli import main

main()
