"""The command line, but each unit that workers encode takes a while: tests kill them meanwhile."""

import time
from pathlib import Path

from bpe_tool.cli import main
from bpe_tool.distributed import encoding

SECONDS = 0.15


class Slow(encoding.EncodeUnits):
    def __call__(self, unit: object, folder: Path) -> tuple:
        time.sleep(SECONDS)
        return super().__call__(unit, folder)


def slowly() -> int:
    encoding.EncodeUnits = Slow
    return main()
