"""`python -m crosslayer` is `crosslayer`."""

from crosslayer.harness.cli import main

main()
