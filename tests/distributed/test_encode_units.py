"""Sets of shards made of units have the same bytes as those of one stream."""

import errno
import gzip
import json
import random
import shutil
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
from faults import kills
from work_units import LINES, cluster, content, in_one_stream, work

import bpe_tool
from bpe_tool import ArgumentError, DataError, InternalError, LimitError, VocabError
from bpe_tool.distributed import joining, run
from bpe_tool.distributed.run import InProcess, WorkerLost
from bpe_tool.io.documents import Unit
from bpe_tool.io.files import expand
from bpe_tool.shards.layouts.registry import FORMATS

pytestmark = pytest.mark.usefixtures("hasty_disk")


@cache
def tokenizer() -> bpe_tool.Tokenizer:
    return bpe_tool.train_vocab(
        ["low lower lowest new newer newest\n"] * 9, vocab_size=280, special_tokens=["<|end|>"]
    )


def text(seed: int, lines: int, ends: str = "\n") -> bytes:
    generator = random.Random(seed)
    words = ["low", "lower", "newest", "", "é", "x" * 20, "{}", "  "]
    return ends.join(" ".join(generator.choices(words, k=generator.randrange(5)))
                     for _ in range(lines)).encode()  # fmt: skip


@pytest.fixture
def corpus(tmp_path: Path) -> list[Path]:
    """Files of all kinds: divided, small, empty, compressed, without a last line end."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "a").write_bytes(text(1, 25))
    (folder / "b").write_bytes(b"")
    (folder / "c").write_bytes(b"low\n")
    (folder / "d.gz").write_bytes(gzip.compress(text(2, 9)))
    (folder / "e").write_bytes(text(3, 12) + b"\n\n\n")
    return [folder]


def encode(corpus: list[Path], output: Path, *, force: bool = False, **options: object):
    unit = options.pop("unit", LINES)
    format, tokens = options.pop("format", "npy"), options.pop("shard_tokens", 40)
    done = options.pop("work", None) or work(tokenizer(), unit, set_aside="set_aside" in options)
    sources = expand([str(path) for path in corpus])
    return cluster(**options).encode(
        sources, done, output, format, shard_tokens=tokens, force=force
    )  # fmt: skip


@pytest.mark.parametrize(
    ("format", "shard_tokens"), [*((format, 40) for format in FORMATS), ("npy", 7), ("npy", None)]
)
def test_equal_to_one_stream_in_every_format(tmp_path, corpus, format, shard_tokens):
    if format in ("arrow", "parquet"):
        pytest.importorskip("pyarrow")
    expected = in_one_stream(
        corpus, tokenizer(), tmp_path / "one", LINES, format, shard_tokens
    )  # fmt: skip
    encode(corpus, tmp_path / "many", format=format, shard_tokens=shard_tokens)
    assert content(tmp_path / "many") == expected
    assert not (tmp_path / "many.work").exists()


@pytest.mark.parametrize("terminator", [b"\0", b"low", b"ee", b"xx", b"\n\n"])
def test_equal_with_every_separator(tmp_path, terminator):
    path = tmp_path / "text"
    path.write_bytes(text(4, 25).replace(b"\n", terminator) + b"eeee xxxxx\n\n\n")
    unit = Unit(terminator)
    expected = in_one_stream([path], tokenizer(), tmp_path / "one", unit, "npy", 40)
    for unit_bytes in (7, 10**6):
        output = tmp_path / f"many-{unit_bytes}"
        encode([path], output, unit=unit, unit_bytes=unit_bytes)
        assert content(output) == expected


def test_equal_for_whole_files_and_ndjson(tmp_path, corpus):
    for number, (unit, files) in enumerate([(Unit(), corpus), (Unit.ndjson("t"), None)]):
        if files is None:
            path = tmp_path / "docs.ndjson"
            lines = [json.dumps({"t": line}) for line in text(5, 20).decode().split("\n")]
            path.write_text("\n".join([*lines[:9], "null", "{}", *lines[9:]]))
            files = [path]
        expected = in_one_stream(files, tokenizer(), tmp_path / f"one{number}", unit, "npy", 40)
        told = encode(files, tmp_path / f"many{number}", unit=unit)
        assert content(tmp_path / f"many{number}") == expected
        assert told.skipped == (1 if unit.field else 0)
    assert "docs.ndjson from byte" in told.messages[0]


def test_no_documents_are_a_set_without_shards(tmp_path):
    path = tmp_path / "empty"
    path.write_bytes(b"")
    expected = in_one_stream([path], tokenizer(), tmp_path / "one", LINES, "npy", 40)
    encode([path], tmp_path / "many")
    assert content(tmp_path / "many") == expected


def test_parts_of_shards_are_read_block_by_block(tmp_path, corpus, monkeypatch):
    monkeypatch.setattr(joining, "MANY", 3)
    monkeypatch.setattr(joining, "MANY_ENDS", 2)
    expected = in_one_stream(corpus, tokenizer(), tmp_path / "one", LINES, "u32", 40)
    encode(corpus, tmp_path / "many", format="u32")
    assert content(tmp_path / "many") == expected


def test_rows_of_tables_do_not_depend_on_blocks(tmp_path, monkeypatch):
    tables = pytest.importorskip("bpe_tool.shards.layouts.pyarrow_tables")
    monkeypatch.setattr(tables, "BATCH_IDS", 8)
    rows = [[1] * (n % 7) for n in range(40)] + [[2] * 30, [3] * 3]
    made = []
    for size in (1, 3, 50):
        monkeypatch.setattr("bpe_tool.shards.writer.MANY_ROWS", size)
        bpe_tool.write_shards(rows, tmp_path / str(size), vocab_size=9, format="arrow")
        made.append(content(tmp_path / str(size)))
    assert made[0] == made[1] == made[2]


class Shuffled(InProcess):
    """Does waiting units in random order, loses some, and does some twice."""

    def __init__(self, seed: int, lost: float = 0.3) -> None:
        super().__init__()
        self._generator = random.Random(seed)
        self._lost = lost
        self.done: list[str] = []

    def most(self) -> int:
        return 5

    def results(self):
        self._generator.shuffle(self._waiting)
        folder, made, unit = self._waiting.popleft()
        if self._generator.random() < self._lost:
            if self._generator.random() < 0.5:
                folder.perform(made, unit)
            yield unit, WorkerLost("the worker was lost")
            return
        self.done.append(str(unit))
        yield unit, folder.perform(made, unit)


@pytest.mark.parametrize("seed", range(3))
def test_equal_in_any_order_and_with_workers_that_are_lost(tmp_path, corpus, seed):
    expected = in_one_stream(corpus, tokenizer(), tmp_path / "one", LINES, "npy", 40)
    encode(corpus, tmp_path / "many", executor=Shuffled(seed), unit_bytes=20 + seed)
    assert content(tmp_path / "many") == expected


def test_killed_at_every_renaming(tmp_path):
    """Each time goes on with what was left, or begins anew if that was whole."""
    path = tmp_path / "text"
    path.write_bytes(text(6, 4))
    expected = in_one_stream([path], tokenizer(), tmp_path / "one", LINES, "npy", 20)
    output, kept = tmp_path / "many", tmp_path / "many.work"
    left = set()

    def begin() -> None:
        if (output / "manifest.json").exists():
            assert {
                name: data for name, data in content(output).items() if name in expected
            } == expected
            shutil.rmtree(output)

    def once() -> None:
        encode([path], output, shard_tokens=20, unit_bytes=40)

    for _ in kills(begin, once, ("rename", "replace")):
        left.add(len(list(kept.glob("units/marks/*/*.json"))))
    assert content(output) == expected
    assert not kept.exists()
    assert {0, 1} <= left


class Stopping(InProcess):
    """Stops after some units, as a driver that is killed."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after
        self.done: list[str] = []

    def results(self):
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        for unit, mark in super().results():
            self.done.append(str(unit))
            yield unit, mark


def stopped(corpus: list[Path], output: Path, after: int, **options: object) -> None:
    with pytest.raises(KeyboardInterrupt):
        encode(corpus, output, executor=Stopping(after), **options)


def test_a_run_goes_on_where_it_stopped(tmp_path, corpus):
    stopped(corpus, tmp_path / "many", 3)
    seen, executor = [], Stopping(-1)
    encode(corpus, tmp_path / "many", executor=executor,
           on_resume=lambda done, count: seen.append((done, count)))  # fmt: skip
    ((done, count),) = seen
    assert done == 3
    assert sum("shard-" not in unit for unit in executor.done) == count - 3
    expected = in_one_stream(corpus, tokenizer(), tmp_path / "one", LINES, "npy", 40)
    assert content(tmp_path / "many") == expected


def test_what_changed_is_done_again_and_nothing_else(tmp_path, corpus):
    stopped(corpus, tmp_path / "many", 6)
    first, second = corpus[0] / "a", corpus[0] / "c"
    # The same bytes at another time are not done again, others are.
    first.write_bytes(first.read_bytes())
    second.write_bytes(b"new\n")
    encode(corpus, tmp_path / "many")
    expected = in_one_stream(corpus, tokenizer(), tmp_path / "one", LINES, "npy", 40)
    assert content(tmp_path / "many") == expected


@pytest.mark.parametrize("seed", range(4))
def test_damaged_or_lost_work_is_done_again(tmp_path, corpus, seed):
    stopped(corpus, tmp_path / "many", 5)
    kept = (tmp_path / "many.work").glob("units/*/*/**/*")
    victim = random.Random(seed).choice(sorted(path for path in kept if path.is_file()))
    if seed % 2:
        victim.unlink()
    else:
        victim.write_bytes(victim.read_bytes()[:-1])
    encode(corpus, tmp_path / "many")
    expected = in_one_stream(corpus, tokenizer(), tmp_path / "one", LINES, "npy", 40)
    assert content(tmp_path / "many") == expected


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("vocabulary", lambda: {"work": work(bpe_tool.train_vocab(["a b"], vocab_size=257))}),
        ("--special", lambda: {"work": work(tokenizer(), special="error")}),
        ("unit of documents", lambda: {"unit": Unit(b"\0")}),
        ("--shard-tokens", lambda: {"shard_tokens": 41}),
        ("--format", lambda: {"format": "u32"}),
        ("--set-aside", lambda: {"set_aside": Path("aside")}),
    ],
)
def test_other_options_are_refused(tmp_path, corpus, name, changed):
    stopped(corpus, tmp_path / "many", 2)
    before = content(tmp_path / "many.work")
    with pytest.raises(ArgumentError, match=f"holds unfinished work with another {name}$") as found:
        encode(corpus, tmp_path / "many", **changed())
    assert "remove" in found.value.hint
    assert content(tmp_path / "many.work") == before


def test_two_drivers_do_not_share_a_directory(tmp_path, corpus):
    class Nested(InProcess):
        def results(self):
            encode(corpus, tmp_path / "many")
            yield from ()

    with pytest.raises(ArgumentError, match="another process is at work in"):
        encode(corpus, tmp_path / "many", executor=Nested())


def test_other_things_in_the_place_of_the_work_are_left_alone(tmp_path, corpus):
    (tmp_path / "many.work").mkdir()
    (tmp_path / "many.work" / "mine").write_text("mine")
    with pytest.raises(ArgumentError, match="holds something else"):
        encode(corpus, tmp_path / "many")
    assert content(tmp_path / "many.work") == {"mine": b"mine"}


def test_an_existing_set_stays_without_force(tmp_path, corpus):
    encode(corpus, tmp_path / "many")
    before = content(tmp_path / "many")
    with pytest.raises(ArgumentError, match="holds a set of shards already"):
        encode(corpus, tmp_path / "many")
    assert not (tmp_path / "many.work").exists()
    encode(corpus, tmp_path / "many", force=True, shard_tokens=10)
    assert content(tmp_path / "many") != before


POISON = b"low\n<|end|>\nlower\nnew <|end|> new\nnewest"


def strict(**options: object):
    return work(tokenizer(), special="error", **options)


def test_failing_units_are_listed_and_the_others_finished(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(POISON)
    named = []
    with pytest.raises(DataError, match=r"2 of 5 units failed; the others are finished") as found:
        encode([path], tmp_path / "many", work=strict(), unit_bytes=1, on_failure=named.append)
    assert "--set-aside" in found.value.hint
    listed = (tmp_path / "many.work" / "failed.ndjson").read_text().splitlines()
    assert [json.loads(line)["unit"] for line in listed] == [
        f"{path}, bytes 4 to 12",
        f"{path}, bytes 18 to 34",
    ]
    assert all("special token" in line for line in named)
    assert len(list((tmp_path / "many.work").glob("units/marks/*/*.json"))) == 3
    # Once the reason is gone, the same run goes on.
    path.write_bytes(POISON.replace(b"<|end|>", b"lower  "))
    encode([path], tmp_path / "many", work=strict(), unit_bytes=1)


@pytest.mark.parametrize("unit_bytes", [1, 20, 1000])
def test_poison_is_set_aside(tmp_path, unit_bytes):
    path, aside = tmp_path / "text", tmp_path / "aside.ndjson"
    path.write_bytes(POISON)
    told = encode([path], tmp_path / "many", work=strict(set_aside=True), set_aside=aside,
                  unit_bytes=unit_bytes)  # fmt: skip
    assert told.set_aside == 2
    found = [json.loads(line) for line in aside.read_text().splitlines()]
    assert [(each["start"], each["bytes"]) for each in found] == [(4, 8), (18, 16)]
    assert all(each["file"] == str(path) and "<|end|>" in each["error"] for each in found)
    path.write_bytes(b"low\n\nlower\n\nnewest")
    encode([path], tmp_path / "expected")
    rows = [bpe_tool.open_shards(tmp_path / name).shards for name in ("many", "expected")]
    ids = [[shard.ids.tolist() for shard in shards] for shards in rows]
    # Documents that were set aside have no ids at all, not even the template's.
    assert ids[0][0] == [id for id, after in zip(ids[1][0], [*ids[1][0][1:], 0], strict=True)
                         if not (id == 7 and after == 7)]  # fmt: skip
    assert sum(shard.documents for shard in rows[0]) == 5


def test_what_is_lost_again_and_again_is_a_failure(tmp_path, corpus):
    class Losing(InProcess):
        count = 0

        def results(self):
            _, _, unit = self._waiting.popleft()
            Losing.count += 1
            yield unit, WorkerLost("the worker was lost: killed")

    with pytest.raises(bpe_tool.LimitError, match="1 of 1 unit failed"):
        encode(corpus[:1], tmp_path / "many", executor=Losing(), unit_bytes=10**6)
    assert Losing.count == 10


class Failing(InProcess):
    """Fails some times before it does a unit."""

    def __init__(self, error: Exception, times: int) -> None:
        super().__init__()
        self.error, self.times, self.count = error, times, 0

    def results(self):
        assert self._waiting
        self.count += 1
        if self.count > self.times:
            yield from super().results()
            return
        _, _, unit = self._waiting.popleft()
        yield unit, self.error


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.ECONNRESET])
def test_what_may_pass_is_tried_again_after_a_rest(tmp_path, corpus, monkeypatch, number):
    rests = []
    now = [0.0]

    def sleep(seconds: float) -> None:
        # It may end a little early, as the clock sees it.
        rests.append(seconds)
        now[0] += seconds * (1 - 2**-30) if seconds > 1e-3 else 1e-3

    monkeypatch.setattr(run, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=sleep))
    executor = Failing(OSError(number, "passes"), 9)
    encode(corpus[:1], tmp_path / "many", executor=executor, unit_bytes=10**6)
    expected = [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert [rest for rest in rests if rest > 0.1] == pytest.approx(expected)


def test_it_is_given_up_in_the_end(tmp_path, corpus, monkeypatch):
    monkeypatch.setattr(run, "REST_SECONDS", 0)
    executor = Failing(OSError(errno.EIO, "never passes"), 99)
    with pytest.raises(OSError, match="1 of 1 unit failed"):
        encode(corpus[:1], tmp_path / "many", executor=executor, unit_bytes=10**6)
    assert executor.count == 10


def test_a_full_disk_is_not_tried_again(tmp_path, corpus):
    executor = Failing(OSError(errno.ENOSPC, "full"), 99)
    with pytest.raises(OSError, match="1 of 1 unit failed") as found:
        encode(corpus[:1], tmp_path / "many", executor=executor, unit_bytes=10**6)
    assert executor.count == 1
    assert found.value.errno == errno.ENOSPC


def test_the_error_is_of_the_kind_that_a_unit_met(tmp_path, corpus):
    for error in (VocabError("no"), DataError("no"), LimitError("no"), MemoryError()):
        kind = LimitError if isinstance(error, MemoryError) else type(error)
        with pytest.raises(kind, match="1 of 1 unit failed") as found:
            encode(corpus[:1], tmp_path / "many", executor=Failing(error, 1), unit_bytes=10**6)
        assert type(found.value) is kind
        aside = "--set-aside" in found.value.hint
        assert aside is isinstance(error, DataError | LimitError)
    bug = InternalError("a bug")
    with pytest.raises(InternalError) as found:
        encode(corpus[:1], tmp_path / "many", executor=Failing(bug, 1), unit_bytes=10**6)
    assert found.value is bug


def test_progress_counts_what_was_done_before(tmp_path, corpus):
    stopped(corpus, tmp_path / "many", 2)
    seen = []
    encode(corpus, tmp_path / "many", on_progress=lambda *each: seen.append(each))
    phases = list(dict.fromkeys(phase for phase, _, _ in seen))
    assert phases == ["encode", "write"]
    for phase in phases:
        done = [count for name, count, _ in seen if name == phase]
        assert done == sorted(done)
        assert done[-1] == {total for name, _, total in seen if name == phase}.pop()
