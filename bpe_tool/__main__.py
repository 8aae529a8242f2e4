"""The start of the command line: `bpe-tool`, or `python -m bpe_tool`.

Loading it takes long enough for someone to press Ctrl-C, so that is watched for first of all.
"""

import os
import sys

from bpe_tool import cleanup


def main() -> int:
    """Load the command line and run it; return the exit code."""
    cleanup.watch()
    # Threads for linear algebra, which nothing here does, would cost every start.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from bpe_tool.cli import main as run

    code = run()
    cleanup.ignore()
    return code


if __name__ == "__main__":
    sys.exit(main())
