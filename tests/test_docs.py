"""The README's commands and examples do what it says.

Blocks of `python` are run as doctests, all in one session. Blocks of `sh` after a line
`<!-- run -->` are run in order by `bash -e` in an empty folder with a copy of `corpora/`;
of the command that installs the package, what comes after the installation.
"""

import doctest
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

PAGES = [
    "README.md",
    "ARCHITECTURE.md",
    "bpe_tool/preprocess/README.md",
    "bpe_tool/batching/README.md",
]
INSTALL = "pip install -e . &&"
BLOCK = re.compile(r"^(<!-- run -->\n+)?```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str, language: str) -> list[tuple[bool, str]]:
    """`(marked to be run, text)` of every fenced block in a language."""
    text = (ROOT / page).read_text()
    return [(bool(run), body) for run, name, body in BLOCK.findall(text) if name == language]


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "corpora", tmp_path / "corpora")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_there_is_a_readme():
    assert "README.md" in PAGES
    assert any(run for run, _ in blocks("README.md", "sh"))
    assert any(">>>" in text for _, text in blocks("README.md", "python"))


@pytest.mark.parametrize("page", PAGES)
def test_commands(page: str, workplace: Path):
    script = "\n".join(text.split(INSTALL)[-1] for run, text in blocks(page, "sh") if run)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=workplace,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES)
def test_examples(page: str, workplace: Path):
    session: dict[str, object] = {}
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for at, (_, text) in enumerate(blocks(page, "python")):
        if ">>>" in text:
            test = doctest.DocTestParser().get_doctest(text, session, f"{page} {at}", page, 0)
            runner.run(test, clear_globs=False)
            session = test.globs
    assert runner.summarize().failed == 0
