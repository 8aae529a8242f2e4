"""What people have is read as it is: tables, archives, directories; what is not text is refused."""

import bz2
import json
import lzma
import zipfile
from pathlib import Path

import pytest
from commands import fails, ok, run, train

PNG = b"\x89PNG\r\n\x1a\n\0\0"
ROWS = [{"id": 7, "text": "It was"}, {"id": 1e300, "text": "the best"}]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder of mixed files."""
    folder = tmp_path_factory.mktemp("mixed")
    (folder / "a.txt").write_text("a line\nanother\n")
    (folder / "b.csv").write_text('id,text\n1,"It was, it is"\n')
    (folder / "c.json").write_text(json.dumps(ROWS, indent=2))
    (folder / "d.txt.xz").write_bytes(lzma.compress(b"in xz\n"))
    (folder / "e.txt.bz2").write_bytes(bz2.compress(b"in bzip2\n"))
    with zipfile.ZipFile(folder / "f.zip", "w") as archive:
        archive.writestr("inside/a.txt", "in zip\n")
    (folder / "g.png").write_bytes(PNG)
    (folder / ".h").write_text("hidden")
    return folder


@pytest.fixture(scope="module")
def vocab(tmp_path_factory, folder) -> Path:
    path = tmp_path_factory.mktemp("vocab") / "bytes.json"
    said = train(folder, "--column", "text", "--vocab-size", 256, "-o", path)
    assert said.startswith(
        "reading 6 files (1 CSV, 1 JSON, 4 text); left out: 1 binary (png), 1 hidden\n"
        "read 7 documents, 64 bytes, "
    )
    return path


def test_a_folder_of_mixed_files(vocab, folder):
    done = run("encode", "-t", vocab, "--column", "text", "--count", folder)
    # Two lines, a row, two elements, and the lines of the other files.
    assert done.stdout.split() == [b"6", b"7", b"13", b"6", b"8", b"5", b"8", b"6"]
    assert b"left out: 1 binary (png), 1 hidden\n" in done.stderr
    assert b"reading" not in run("encode", "-q", "-t", vocab, "--count", folder).stderr


def test_tables_that_are_left_out_name_the_option(vocab, tmp_path):
    (tmp_path / "a.txt").write_text("a text")
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    done = run("encode", "-t", vocab, "--count", tmp_path)
    assert b"left out: 1 Parquet (--column reads it)\n" in done.stderr


def test_other_fields_are_kept(vocab, folder):
    rows = folder / "c.json"
    keep = ["encode", "-t", vocab, "--keep", "id,text"]
    lines = ok(*keep, "--column", "text", rows, folder / "b.csv").splitlines()
    assert lines[1] == (b'{"ids":[116,104,101,32,98,101,115,116],"id":1e+300,"text":"the best"}')
    assert json.loads(lines[2])["id"] == "1"
    assert "--keep goes with" in fails(2, *keep, rows)
    assert "only JSON lines" in fails(2, *keep, "--column", "text", "--format", "ids", rows)


def test_tables_are_preprocessed_to_json_lines(folder):
    lower = ["preprocess", "--lowercase", "--column", "text"]
    assert ok(*lower, folder / "b.csv") == b'{"id":"1","text":"it was, it is"}\n'
    assert json.loads(ok(*lower, folder / "c.json").splitlines()[1]) == ROWS[1]
    assert "which one output cannot hold" in fails(2, *lower, folder / "b.csv", folder / "a.txt")


def test_a_path_leads_to_a_field_of_a_field():
    record = b'{"m": [{"c": "No"}, {"c": "Yes", "n": 1e999}], "m.0.c": 5}\n'
    lower = ["preprocess", "--lowercase", "--ndjson"]
    assert ok(*lower, "m.1.c", stdin=record) == record.replace(b"Yes", b"yes")
    assert ok(*lower, "m.-2.c", stdin=record) == record.replace(b"No", b"no")
    # A field of this very name comes first.
    assert run(*lower, "m.0.c", stdin=record).returncode == 1


@pytest.mark.parametrize("verb", ["train-vocab", "preprocess", "inspect"])
def test_what_is_not_text_is_refused(verb, vocab, folder, tmp_path):
    ids = tmp_path / "ids.bin"
    ids.write_bytes(bytes(range(0, 200, 2)).replace(b"", b"\0"))
    options = {
        "train-vocab": ["train-vocab", "--vocab-size", 256, "-o", tmp_path / "v.json"],
        "preprocess": ["preprocess", "--lowercase"],
        "inspect": ["inspect", "corpus", "-t", vocab],
    }[verb]
    message = fails(3, *options, folder / "g.png")
    assert f"{folder}/g.png is a PNG image" in message
    assert "hint: --binary reads its bytes as they are" in message
    assert "binary data of an unknown kind" in fails(3, *options, ids)
    assert not (tmp_path / "v.json").exists()


def test_formats_and_names(vocab, folder, tmp_path):
    count = ["encode", "-t", vocab, "--count"]
    plain = run(*count, folder / "b.csv")
    assert plain.stdout == b"7\n17\n"
    assert plain.stderr.endswith(b"is read as plain text: --column NAME reads a field\n")
    assert ok(*count, "--input-format", "text", folder / "b.csv") == plain.stdout
    table = (folder / "b.csv").read_bytes()
    assert ok(*count, "--input-format", "csv", "--column", "text", stdin=table) == b"13\n"
    assert "Only one of --column and --ndjson" in fails(2, *count, "--column", "a", "--ndjson", "a")
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    message = fails(2, *count, tmp_path / "t.parquet")
    assert "is a table (Parquet): which column is the text?\nhint: name it: --column" in message


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_one_file_for_each_input(vocab, folder, tmp_path):
    (tmp_path / "in/sub").mkdir(parents=True)
    for name, data in contents(folder).items():
        (tmp_path / "in/sub" / name).write_bytes(data)
    (tmp_path / "in/empty.txt").write_bytes(b"")
    lower = ["preprocess", "--lowercase", "--column", "text", "in", "-o", "out", "-q"]
    for workers in (1, 2):
        ok(*lower, "--workers", workers, cwd=tmp_path)
        assert contents(tmp_path / "out") == {
            "empty.txt": b"", "sub/a.txt": b"a line\nanother\n", "sub/d.txt": b"in xz\n",
            "sub/b.csv.ndjson": b'{"id":"1","text":"it was, it is"}\n', "sub/e.txt": b"in bzip2\n",
            "sub/c.json.ndjson": b'{     "id": 7,     "text": "it was"   }\n'
            b'{     "id": 1e+300,     "text": "the best"   }\n',
            "sub/f.zip/inside/a.txt": b"in zip\n",
        }  # fmt: skip
    encode = ["encode", "-t", vocab, "--column", "text", "in", "--per-file", "-q", "-o"]
    ok(*encode, "ids", cwd=tmp_path)
    found = contents(tmp_path / "ids")
    assert found["sub/f.zip/inside/a.txt.ids"] == b"105 110 32 122 105 112\n"
    assert found["empty.txt.ids"] == b""
    assert found["sub/c.json.ids"].count(b"\n") == 2
    assert len(found) == 7
    said = run(*encode[:-2], "-o", "ids", "--format", "ndjson", cwd=tmp_path).stderr
    assert said.endswith(b"wrote 7 files to ids\n")
    assert "is an input, too" in fails(2, "preprocess", "--lowercase", "in", "-o", "in/",
                                       "-q", cwd=tmp_path)  # fmt: skip
    assert "no name" in fails(2, "encode", "-t", vocab, "--per-file", "-o", "x", cwd=tmp_path)


def test_members_cannot_leave_the_output(vocab, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("../../out.txt", "x\n")
    message = fails(3, "encode", "-t", vocab, "--per-file", tmp_path / "a.zip", "-o",
                    tmp_path / "ids")  # fmt: skip
    assert "this path leads out of the archive" in message
