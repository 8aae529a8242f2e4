"""The commands and examples of the documentation, and a run of them.

Blocks of `python` are run as doctests, all of a page in one session. Blocks of `sh` after a line
`<!-- run -->` are run in order by `bash -e` in a folder with a copy of `corpora/`; of the command
that installs the package, what comes after the installation.

As a program, runs those of the README with the package that is installed, and needs nothing else.
"""

import doctest
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
INSTALL = "pip install -e . &&"
BLOCK = re.compile(r"^(<!-- run -->\n+)?```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str, language: str) -> list[tuple[bool, str]]:
    """`(marked to be run, text)` of every fenced block in a language."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [(bool(run), body) for run, name, body in BLOCK.findall(text) if name == language]


def commands(page: str, workplace: Path) -> subprocess.CompletedProcess:
    """Run the commands of a page."""
    script = "\n".join(text.split(INSTALL)[-1] for run, text in blocks(page, "sh") if run)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=workplace,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def failed_examples(page: str) -> int:
    """Run the examples of a page in the current folder; return how many fail."""
    session: dict[str, object] = {}
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for at, (_, text) in enumerate(blocks(page, "python")):
        if ">>>" in text:
            test = doctest.DocTestParser().get_doctest(text, session, f"{page} {at}", page, 0)
            runner.run(test, clear_globs=False)
            session = test.globs
    return runner.summarize().failed


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "corpora", Path(folder, "corpora"))
        os.chdir(folder)
        done = commands("README.md", Path(folder))
        if done.returncode:
            print(done.stderr, file=sys.stderr)
            return done.returncode
        return int(failed_examples("README.md") > 0)


if __name__ == "__main__":
    sys.exit(main())
