"""`python -m harness` is `crosslayer`."""

from harness.cli import main

main()
