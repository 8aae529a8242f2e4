"""The start of the command line: `bpe-tool`, or `python -m bpe_tool`.

Loading it takes long enough for someone to press Ctrl-C, so that is watched for first of all.
"""

import os
import sys

from bpe_tool.runtime import cleanup


def main() -> int:
    """Load the command line and run it; return the exit code."""
    cleanup.watch()
    from bpe_tool.runtime import memory

    # Threads for linear algebra, which nothing here does, would cost every start.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from bpe_tool.cli import main as run

        code = run()
    except (MemoryError, ImportError, SystemError) as error:
        if not memory.is_short(error):
            raise
        memory.end()
    cleanup.ignore()
    return code


if __name__ == "__main__":
    sys.exit(main())
