"""`python -m crosslayer` is `crosslayer`, also in that the working folder comes last on the import path, not first."""

import sys
from pathlib import Path

if sys.path[:1] == [str(Path.cwd())]:
    sys.path.append(sys.path.pop(0))

from crosslayer.cli import main

main()
