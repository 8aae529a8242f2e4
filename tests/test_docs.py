"""The README's commands and examples do what it says."""

import shutil
from pathlib import Path

import pytest
from conftest import ROOT
from tour import blocks, commands, failed_examples

PAGES = [
    "README.md",
    "ARCHITECTURE.md",
    "bpe_tool/preprocess/README.md",
    "bpe_tool/batching/README.md",
    "bpe_tool/distributed/README.md",
    "bpe_tool/inspect/README.md",
    "bpe_tool/counts/README.md",
]


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
    done = commands(page, workplace)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES)
def test_examples(page: str, workplace: Path):
    assert failed_examples(page) == 0
