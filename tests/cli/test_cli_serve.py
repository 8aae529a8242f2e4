"""The verb `inspect serve`: what it prints, how it ends, which ports it takes."""

import re
import signal
import socket
import subprocess
from pathlib import Path
from urllib.request import urlopen

import pytest
from commands import COMMAND, fails, run


def started(*arguments: object, **options: object) -> subprocess.Popen:
    command = [*COMMAND, "inspect", "serve", *map(str, arguments)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, **streams, **options)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_it_prints_the_address_and_ends_quietly(vocab, number, code):
    with started("-t", vocab, "--no-browser") as process:
        url = process.stdout.readline()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{32}/\n", url)
        with urlopen(url.strip()) as page:
            assert f"inspect serve -t {vocab} --no-browser</code>".encode() in page.read()
        process.send_signal(number)
        assert process.communicate() == ("", "serving the page until Ctrl-C\n")
        assert process.returncode == code


def test_the_browser_of_the_user_opens(vocab, tmp_path):
    seen = tmp_path / "seen"
    fake = tmp_path / "fake-browser"
    fake.write_text(f'#!/bin/sh\necho "$1" > {seen}.new && mv {seen}.new {seen}\n')
    fake.chmod(0o755)
    environment = {"PATH": "/usr/bin:/bin", "BROWSER": f"{fake} %s"}
    with started("-t", vocab, env=environment) as process:
        url = process.stdout.readline()
        while not seen.exists():
            assert process.poll() is None
        assert seen.read_text() == url
        process.terminate()


def test_ports(vocab):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = fails(5, "inspect", "serve", "-t", vocab, "--port", port)
        assert said.startswith(f"bpe-tool: error: port {port}: ")
    assert "--port" in fails(2, "inspect", "serve", "-t", vocab, "--port", 65536)


def test_what_is_missing(vocab):
    assert "--tokenizer" in fails(2, "inspect", "serve")
    assert "twice" in fails(2, "inspect", "serve", "-t", vocab, "-t", vocab)
    fails(5, "inspect", "serve", "-t", "missing.json", cwd=Path(__file__).parent)
    assert b"Ctrl-C" in run("inspect", "serve", "-h").stdout
