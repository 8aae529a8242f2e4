"""The start of the command line: `bpe-tool`, or `python -m bpe_tool`.

Loading it takes long enough for someone to press Ctrl-C; that ends it as quietly as later.
"""

import os
import signal
import sys
from types import FrameType


def main() -> int:
    """Load the command line and run it; return the exit code."""
    # A signal that the process was told to ignore stays ignored.
    catching = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if catching:
        signal.signal(signal.SIGINT, _leave)
    # Threads for linear algebra, which nothing here does, would cost every start.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from bpe_tool.cli import main as run

    if catching:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return run()


def _leave(number: int, frame: FrameType | None) -> None:
    """End the process. Nothing was begun, so that there is nothing to clean up."""
    # An exception would show, or get lost in whatever is being imported.
    os._exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
