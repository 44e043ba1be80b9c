"""`python -m crosslayer` is `crosslayer`."""

import sys
from pathlib import Path

from crosslayer.cli import main

if sys.path and sys.path[0] == str(Path.cwd()):
    sys.path.append(sys.path.pop(0))  # `-m` puts the working folder first, where its modules would hide others

main()
