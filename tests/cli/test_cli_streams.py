"""Input and output of the verbs: files, pipes, memory, closed streams."""

import fcntl
import gzip
import os
import select
import subprocess
import sys

from commands import COMMAND, TEXT, fails, ok


def test_inputs(encode, tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "1.txt").write_bytes(b"a")
    (tmp_path / "d" / "2.txt.gz").write_bytes(gzip.compress(b"b\n") + gzip.compress(b"c"))
    (tmp_path / "d" / "3.txt").write_bytes(b"")
    expected = b"97\n98\n99\n"
    assert ok(*encode, "d", cwd=tmp_path) == expected
    assert ok(*encode, "d/*", cwd=tmp_path) == expected
    assert ok(*encode, "d/1.txt", "-", cwd=tmp_path, stdin=b"b\nc\n") == expected
    assert ok(*encode, "-", cwd=tmp_path, stdin=b"a\nb\nc") == expected[:-1]


def test_compressed_data_is_not_text(encode, tmp_path):
    data = gzip.compress(b"a")
    (tmp_path / "named.txt").write_bytes(data)
    for arguments, name in [([], "<stdin>"), ([tmp_path / "named.txt"], tmp_path / "named.txt")]:
        message = fails(3, *encode, "--whole", *arguments, stdin=data)
        assert f"{name} is a gzip file\nhint: give it a name that ends in .gz" in message
        raw = ok(*encode, "--whole", "--binary", *arguments, stdin=data)
        assert raw.split() == b" ".join(b"%d" % byte for byte in data).split()
        assert "is a gzip file" in fails(3, "decode", "-t", encode[2], *arguments, stdin=data)


def test_output_is_replaced_only_at_the_end(encode, tmp_path):
    out = tmp_path / "out"
    ok(*encode, "-o", out, stdin=b"a\n")
    assert out.read_bytes() == b"97\n"
    fails(3, *encode, "--special", "error", "-o", out, stdin=TEXT)
    assert out.read_bytes() == b"97\n"
    # The file behind standard output is not replaced: others may have written to it.
    with (tmp_path / "all").open("wb") as file:
        file.write(b"before\n")
        file.flush()
        subprocess.run([*COMMAND, *map(str, encode), "-o", "/dev/stdout", out], stdout=file)
    assert (tmp_path / "all").read_bytes().startswith(b"before\n")
    (tmp_path / "all").unlink()
    # A file may even be replaced by its own ids.
    ok(*encode, "-o", out, out)
    assert ok("decode", "-t", encode[2], out) == b"97\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_slow_line_is_encoded_at_once(encode):
    with subprocess.Popen(
        [*COMMAND, *map(str, encode)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        # What is no whole line yet holds nothing up.
        for line, expected in [(b"a\n", b"97\n"), (b"b\nc\n", b"98\n99\n"), (b"a\nb", b"97\n")]:
            process.stdin.write(line)
            process.stdin.flush()
            got = b""
            while len(got) < len(expected):
                assert select.select([process.stdout], [], [], 20)[0]
                got += os.read(process.stdout.fileno(), 100)
            assert got == expected
        process.stdin.close()
        assert process.stdout.read() == b"98"


def test_what_comes_before_a_pipe_does_not_wait_for_it(encode, tmp_path):
    (tmp_path / "file").write_bytes(b"a\n")
    os.mkfifo(tmp_path / "fifo")
    with subprocess.Popen(
        [*COMMAND, *map(str, encode), "file", "fifo"], cwd=tmp_path, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"97\n"
        (tmp_path / "fifo").write_bytes(b"b\n")
        assert process.stdout.read() == b"98\n"


def test_output_among_the_inputs_is_refused(encode, tmp_path):
    (tmp_path / "file").write_bytes(b"a\n")
    for before in (b"", b"b\n"):
        (tmp_path / "out").write_bytes(before)
        with (tmp_path / "out").open("ab") as out:
            done = subprocess.run(
                [*COMMAND, *map(str, encode), "."], cwd=tmp_path, stdout=out, stderr=subprocess.PIPE
            )
        assert done.returncode == 2
        assert b"out is both input and output" in done.stderr


#: Runs a command and prints its peak memory in KiB. A process of its own, as a child's
#: peak counts what its parent held when it was started.
PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_memory_is_flat(encode, tmp_path):
    """Four times the text does not need more memory, in lines or as one document."""

    def peak(megabytes: int, *arguments: object) -> int:
        path = tmp_path / "text"
        with path.open("wb") as file:
            for _ in range(megabytes):
                file.write(b"It was the best of times, it was the worst of times.\n" * 20_000)
        command = [sys.executable, "-c", PEAK, *COMMAND, *map(str, arguments), str(path)]
        return int(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)

    for unit in ("--lines", "--whole"):
        small, large = (peak(size, *encode, unit, "--threads", 1) for size in (24, 96))
        assert large < small + 50_000


def test_a_non_blocking_output(encode, tmp_path):
    expected = ok(*encode, stdin=TEXT * 5000)
    (tmp_path / "text").write_bytes(TEXT * 5000)
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETFL, os.O_NONBLOCK)
    arguments = [*COMMAND, *map(str, encode), str(tmp_path / "text")]
    with subprocess.Popen(arguments, stdout=writing) as process:
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            assert pipe.read() == expected
    assert process.returncode == 0


def test_a_closed_pipe_ends_quietly(encode, tmp_path):
    command = " ".join(f"'{each}'" for each in [*COMMAND, *encode])
    for script in [
        f"yes some text | {command} | head -n 1",
        f"{sys.executable} -m bpe_tool --help | true",
        f"echo x | {command} | true",
        f"echo x | {command} >&-",
        f"{sys.executable} -m bpe_tool --help >&-",
    ]:
        # The exit code of bpe-tool, wherever it stands in the pipe.
        place = 1 if script.startswith(("yes", "echo")) else 0
        script += f"; exit ${{PIPESTATUS[{place}]}}"
        done = subprocess.run(["bash", "-c", script], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b""), script


def test_closed_standard_streams(encode, tmp_path):
    command = " ".join(f"'{each}'" for each in [*COMMAND, *encode])
    out = tmp_path / "out"
    for script, code in [
        (f"{command} <&-", 5),
        (f"echo a | {command} -o {out} >&- 2>&-", 0),
        (f"{command} {tmp_path}/missing 2>&-", 5),
    ]:
        done = subprocess.run(["bash", "-c", script], capture_output=True, check=False)
        assert done.returncode == code, script
        assert b"Traceback" not in done.stderr
    assert out.read_bytes() == b"97\n"
