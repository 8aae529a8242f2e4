"""Manual pages say what the help says."""

import re
import shutil
import subprocess

import pytest
from commands import fails, ok

from bpe_tool.cli.verbs import VERBS

MACROS = {".TH", ".SH", ".PP", ".TP", ".B", ".BR", ".nf", ".fi"}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("share") / "man1"
    ok("man", "-o", folder)
    return {path.name.removesuffix(".1"): path.read_text() for path in folder.iterdir()}


def test_there_is_a_page_for_each_verb_and_each_below_it(pages):
    assert {"bpe-tool", *(f"bpe-tool-{verb}" for verb in VERBS)} <= set(pages)
    assert {"bpe-tool-inspect-text", "bpe-tool-shards-info", "bpe-tool-counts-make"} <= set(pages)
    assert ok("man", "inspect", "text").decode() == pages["bpe-tool-inspect-text"]
    assert ok("man").decode() == pages["bpe-tool"]


def test_a_page_has_all_that_the_help_has(pages):
    for verb in ("encode", "preprocess"):
        page = pages[f"bpe-tool-{verb}"].replace("\\-", "-").replace("\\(aq", "'")
        said = ok(verb, "-h").decode()
        for option in re.findall(r"(?m)^  (?:-., )?(--[a-z-]+)", said):
            assert f"{option}" in page
        for example in re.findall(rf"(?m)^    (bpe-tool {verb} .*)$", said):
            assert example.replace("\\", "\\e") in page
        assert page.count(".SH EXAMPLES") == 1


def test_pages_are_well_formed(pages):
    for page in pages.values():
        lines = page.splitlines()
        assert lines[0].startswith(".TH ")
        assert {line.split()[0] for line in lines if line.startswith(".")} <= MACROS
        assert not any(line.startswith("'") for line in lines)
        sections = [line[4:] for line in lines if line.startswith(".SH ")]
        assert sections[:2] == ["NAME", "SYNOPSIS"]
        assert lines.count(".nf") == lines.count(".fi")


@pytest.mark.skipif(shutil.which("groff") is None, reason="needs groff")
def test_groff_has_nothing_to_say_about_them(pages):
    command = ["groff", "-man", "-Tutf8", "-ww", "-z"]
    everything = "".join(pages.values()).encode("ascii", "ignore")
    done = subprocess.run(command, input=everything, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_what_is_not_there_is_said(tmp_path):
    assert "no verb 'nope'" in fails(2, "man", "nope")
    assert "name no verb" in fails(2, "man", "encode", "-o", tmp_path)
