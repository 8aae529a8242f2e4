"""The options of a cluster, where there is none."""

import os
from pathlib import Path

import pytest
from commands import fails, run


@pytest.fixture
def without_ray(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine on which Ray is not installed."""
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "ray.py").write_text("raise ImportError")
    return {**os.environ, "PYTHONPATH": str(folder)}


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text"
    path.write_text("one\ntwo\n")
    return path


def test_without_ray_the_extra_is_named(encode, text, tmp_path, without_ray):
    for arguments in (
        [*encode, "--format", "npz", text, "-o", tmp_path / "out", "--ray", "local"],
        ["preprocess", "--lowercase", text, "-o", tmp_path / "out", "--ray", "auto"],
    ):
        message = fails(2, *arguments, env=without_ray)
        assert "Ray is not installed" in message
        assert "hint: pip install 'bpe-tool[ray]'" in message
        assert not (tmp_path / "out").exists()
        assert not (tmp_path / "out.work").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--unit-bytes", "9"], "--unit-bytes applies to clusters: it needs --ray"),
        (["--set-aside", "x"], "--set-aside applies to clusters: it needs --ray"),
        (["--ray", "local"], "--ray writes shards: add --shard-tokens"),
        (["--ray", "local", "--format", "npz", "-o", "x", "--dropout", "0.1"], "--dropout depends"),
        (
            ["--ray", "local", "--format", "npz", "-o", "x", "--workers", "2"],
            "--workers are processes of this machine",
        ),
    ],
)
def test_options_that_do_not_go_together(encode, text, arguments, message):
    assert message in fails(2, *encode, text, *arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--ray needs a file: -o FILE"),
        (["-o", "-"], "--ray needs a file: -o FILE"),
        (["-o", "x", "--explain"], "--ray writes text, no reports"),
        (["-o", "x", "--workers", "2"], "--workers are processes of this machine"),
    ],
)
def test_options_of_preprocess(text, arguments, message):
    command = ["preprocess", "--lowercase", text, "--ray", "local", *arguments]
    assert message in fails(2, *command)


def test_help_tells_of_clusters():
    for verb in ("encode", "preprocess"):
        shown = run(verb, "--help").stdout.decode()
        assert "--ray ADDRESS" in shown
        assert "OUTPUT.work" in shown
