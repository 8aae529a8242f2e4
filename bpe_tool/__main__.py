"""The start of the command line: `bpe-tool`, or `python -m bpe_tool`.

Loading it takes long enough for a user to press Ctrl-C, so signals are watched first.
"""

import os
import sys

from bpe_tool.runtime import signals


def main() -> int:
    """Load the command line and run it; return the exit code."""
    signals.watch()
    from bpe_tool.runtime import memory

    # Threads for linear algebra would slow down every start, and nothing uses them.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from bpe_tool.cli import main as run

        code = run()
    except (MemoryError, ImportError, SystemError) as error:
        if not memory.is_short(error):
            raise
        memory.end()
    signals.ignore()
    return code


if __name__ == "__main__":
    sys.exit(main())
