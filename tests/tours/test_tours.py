"""First days with the tool: each is a script, and beside it what a person sees.

`python tests/tours/test_tours.py` writes the outputs anew; read what has changed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

SCRIPTS = sorted(Path(__file__).parent.glob("*.sh"))

#: What a tour takes from this machine.
NEEDS = ("bash", "xz", "gzip", "tar")


def shown(script: Path, folder: Path) -> str:
    """What a tour writes, to both streams."""
    program = folder / "bin" / "bpe-tool"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m bpe_tool \"$@\"\n")
    program.chmod(0o755)
    place = folder / "here"
    place.mkdir()
    kept = {name: os.environ[name] for name in ("HOME", "PYTHONPATH") if name in os.environ}
    path = os.pathsep.join([str(program.parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-e", "-u", script],
        cwd=place,
        env=kept | {"PATH": path, "LC_ALL": "C.UTF-8", "BPE_TOOL_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode()
    return done.stdout.decode()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
@pytest.mark.skipif(not all(map(shutil.which, NEEDS)), reason=f"needs {', '.join(NEEDS)}")
def test_a_tour(script, tmp_path):
    assert shown(script, tmp_path) == script.with_suffix(".txt").read_text(encoding="utf-8")


def main() -> None:
    for script in SCRIPTS:
        with tempfile.TemporaryDirectory() as folder:
            text = shown(script, Path(folder))
        script.with_suffix(".txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
