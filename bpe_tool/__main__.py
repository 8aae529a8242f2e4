"""Runs the command line as `python -m bpe_tool`."""

import sys

from bpe_tool.cli import main

sys.exit(main())
