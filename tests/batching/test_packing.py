"""Packing, against a slow reference that states the same rules."""

import itertools
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpe_tool import Causal, Ragged
from bpe_tool.batching.packing import fill, pack
from bpe_tool.batching.policies.plan import plan_packing
from bpe_tool.batching.rows import as_ragged
from bpe_tool.errors import ArgumentError, DataError, LimitError

STRATEGIES = ["best-fit", "concatenate", "best-fit-crop"]
LONGS = ["split", "truncate", "drop"]
PAD = 0

lengths_of_documents = st.lists(st.integers(0, 25), max_size=40)
row_lengths = st.integers(1, 18)
packings = {"strategy": st.sampled_from(STRATEGIES), "long": st.sampled_from(LONGS)}


def reference(lengths: list[int], length: int, strategy: str, long: str) -> list[list[tuple]]:
    """Rows of (document, start, stop), by looking at everything each time."""
    pieces = []
    for document, own in enumerate(lengths):
        if own <= length or (long, strategy) == ("split", "concatenate"):
            pieces.append((document, 0, own))
        elif long == "split":
            cuts = [*range(0, own, length), own]
            pieces += [(document, start, stop) for start, stop in itertools.pairwise(cuts)]
        elif long == "truncate":
            pieces.append((document, 0, length))
    pieces = [piece for piece in pieces if size(piece)]
    if strategy == "concatenate":
        return concatenated(pieces, length)
    return best_fit(pieces, length) if strategy == "best-fit" else cropped(pieces, length)


def size(piece: tuple) -> int:
    return piece[2] - piece[1]


def concatenated(pieces: list[tuple], length: int) -> list[list[tuple]]:
    ids = [(document, at) for document, start, stop in pieces for at in range(start, stop)]
    rows = [ids[at : at + length] for at in range(0, len(ids), length)]
    return [
        [
            (document, own[0][1], own[-1][1] + 1)
            for document, group in itertools.groupby(row, key=lambda id: id[0])
            for own in [list(group)]
        ]
        for row in rows
    ]


def best_fit(pieces: list[tuple], length: int) -> list[list[tuple]]:
    rows: list[list[tuple]] = []
    changed: list[int] = []
    for now, piece in enumerate(sorted(pieces, key=size, reverse=True)):
        room = [length - sum(map(size, row)) for row in rows]
        fits = [row for row in range(len(rows)) if room[row] >= size(piece)]
        if fits:
            row = min(fits, key=lambda row: (room[row], changed[row]))
            rows[row].append(piece)
            changed[row] = now
        else:
            rows.append([piece])
            changed.append(now)
    return rows


def cropped(pieces: list[tuple], length: int) -> list[list[tuple]]:
    left = list(pieces)
    rows: list[list[tuple]] = []
    room = 0
    while left:
        if not room:
            rows.append([])
            room = length
        fits = [piece for piece in left if size(piece) <= room]
        piece = max(fits, key=size) if fits else min(left, key=size)
        left.remove(piece)
        document, start, stop = piece
        rows[-1].append((document, start, min(stop, start + room)))
        room -= size(rows[-1][-1])
    return rows


def rows_of(plan) -> list[list[tuple]]:
    pieces = list(
        zip(plan.documents.tolist(), plan.starts.tolist(), plan.stops.tolist(), strict=True)
    )
    return [pieces[start:stop] for start, stop in itertools.pairwise(plan.row_bounds.tolist())]


@given(lengths=lengths_of_documents, length=row_lengths, **packings)
def test_plans_are_those_of_the_reference(lengths, length, strategy, long):
    plan = plan_packing(lengths, length, strategy=strategy, long=long)
    expected = reference(lengths, length, strategy, long)
    assert rows_of(plan) == expected
    assert plan.filled().tolist() == [sum(map(size, row)) for row in expected]
    report = plan.report()
    pieces = [piece for row in expected for piece in row]
    own = dict.fromkeys(range(len(lengths)), 0)
    for piece in pieces:
        own[piece[0]] += size(piece)
    placed = sum(own.values())
    assert report.rows == len(plan) == len(expected)
    assert (report.documents, report.tokens, report.placed) == (len(lengths), sum(lengths), placed)
    assert report.padding == len(expected) * length - placed
    assert report.lost == sum(lengths) - placed
    lost = [lengths[document] - own[document] for document in own]
    assert report.documents_empty == lengths.count(0)
    assert report.documents_dropped == sum(
        bool(gone) and gone == whole for gone, whole in zip(lost, lengths, strict=True)
    )
    assert report.documents_cropped == sum(
        0 < gone < whole for gone, whole in zip(lost, lengths, strict=True)
    )
    assert report.documents_split == sum(
        sum(piece[0] == document for piece in pieces) > 1 for document in own
    )


def documents(lengths: list[int]) -> list[list[int]]:
    """Ids that say which document they are of and where they stand in it; 0 is one of them."""
    return [[1000 * index + at for at in range(own)] for index, own in enumerate(lengths)]


@given(lengths=lengths_of_documents, length=row_lengths, data=st.data(), **packings)
def test_batches_hold_what_the_plan_says(lengths, length, data, strategy, long):
    rows = as_ragged(documents(lengths))
    plan = plan_packing(np.diff(rows.bounds), length, strategy=strategy, long=long)
    first = data.draw(st.integers(0, len(plan)))
    last = data.draw(st.integers(first, len(plan)))
    dtype = data.draw(st.sampled_from(["int64", "int32"]))
    samples = np.arange(len(lengths)) * 7 + 3
    batch = fill(rows, plan, first, last, PAD, samples=samples, dtype=dtype)
    expected = reference(lengths, length, strategy, long)[first:last]
    cu_seqlens, pieces = [0], []
    for number, row in enumerate(expected):
        ids = [1000 * document + at for document, start, stop in row for at in range(start, stop)]
        positions = [at for piece in row for at in range(size(piece))]
        segments = [place for place, piece in enumerate(row, 1) for _ in range(size(piece))]
        rest = [0] * (length - len(ids))
        assert batch.ids[number].tolist() == ids + [PAD] * len(rest)
        assert batch.attention_mask[number].tolist() == [1] * len(ids) + rest
        assert batch.position_ids[number].tolist() == positions + rest
        assert batch.segment_ids[number].tolist() == segments + rest
        assert batch.lengths[number] == len(ids)
        assert batch.samples[number] == (7 * row[0][0] + 3 if len(row) == 1 else -1)
        cu_seqlens += [cu_seqlens[-1] + n for n in itertools.accumulate(map(size, row))]
        pieces += [[7 * document + 3, start] for document, start, _ in row]
    assert batch.cu_seqlens.tolist() == cu_seqlens
    assert batch.pieces.tolist() == pieces
    assert batch.max_seqlen == max((size(piece) for row in expected for piece in row), default=0)
    shape = (last - first, length)
    for array in (batch.ids, batch.attention_mask, batch.position_ids, batch.segment_ids):
        assert (array.dtype, array.shape) == (dtype, shape)
    assert (batch.lengths.dtype, batch.samples.dtype) == ("int64", "int64")
    assert (batch.cu_seqlens.dtype, batch.pieces.dtype) == ("int32", "int64")


@given(lengths=lengths_of_documents, length=row_lengths, **packings)
def test_packing_is_planning_and_filling(lengths, length, strategy, long):
    given_rows = documents(lengths)
    framed = as_ragged([[8, *row, 9] for row in given_rows])
    plan = plan_packing(np.diff(framed.bounds), length, strategy=strategy, long=long)
    batch = pack(
        given_rows, length=length, pad_id=9, strategy=strategy, long=long, bos_id=8, eos_id=9
    )
    assert batch == fill(framed, plan, 0, len(plan), 9)


def test_the_pad_id_may_be_an_id_of_the_text():
    """What is padding follows from lengths: neither the end of a text nor 0 is taken for it."""
    for pad in (0, 5):
        batch = pack([[0, 5], [5, 0, 5]], length=6, pad_id=pad)
        assert batch.ids.tolist() == [[5, 0, 5, 0, 5, pad]]
        assert batch.attention_mask.tolist() == [[1, 1, 1, 1, 1, 0]]
        assert batch.segment_ids.tolist() == [[1, 1, 1, 2, 2, 0]]


def test_rows_of_a_slice_are_found():
    """The bounds of a `Ragged` need not begin at 0."""
    ids, bounds = np.arange(10, dtype=np.uint32), np.array([3, 5, 9])
    batch = pack(Ragged(ids, bounds), length=6, pad_id=0)
    assert batch.ids.tolist() == [[5, 6, 7, 8, 3, 4]]


def test_longer_than_32_bits():
    for strategy in STRATEGIES:
        plan = plan_packing([2**40, 2**40 + 1, 5], 2**41 + 6, strategy=strategy)
        assert plan.report().placed == 2**41 + 6
        assert len(plan) == 1
    plan = plan_packing([2**33], 2**32)
    assert plan.starts.tolist() == [0, 2**32]
    # As many ids as there can be, of which memory holds one.
    rows = Ragged(np.broadcast_to(np.uint32(0), 2**33), np.array([0, 2**33]))
    with pytest.raises(ArgumentError, match="2147483647"):
        fill(rows, plan, 0, 1, 0)


@pytest.mark.parametrize(
    ("arguments", "options", "what"),
    [
        (([1], 0), {}, "`length` is 0"),
        (([1, -1], 4), {}, "document 1 has the length -1"),
        (([1.5], 4), {}, "whole numbers"),
        (([[1]], 4), {}, "one dimension"),
        (([1], 4), {"strategy": "worst-fit"}, "worst-fit"),
        (([1], 4), {"long": "keep"}, "keep"),
    ],
)
def test_plans_that_cannot_be(arguments, options, what):
    with pytest.raises(ArgumentError, match=what):
        plan_packing(*arguments, **options)


def test_too_much():
    with pytest.raises(LimitError):
        plan_packing([2**62, 2**62], 2**62)
    with pytest.raises(LimitError):
        plan_packing([2**50], 1)


def test_batches_that_cannot_be():
    rows = as_ragged([[1, 2], [2**31]])
    plan = plan_packing([2, 1], 4)
    with pytest.raises(ArgumentError, match="rows 0 to 2"):
        fill(rows, plan, 0, 2, 0)
    with pytest.raises(ArgumentError, match="2 here, 1 in the plan"):
        fill(rows, plan_packing([3], 4), 0, 1, 0)
    with pytest.raises(ArgumentError, match="pad_id"):
        fill(rows, plan, 0, 1, -1)
    with pytest.raises(DataError, match="int32"):
        fill(rows, plan, 0, 1, 0, dtype="int32")
    with pytest.raises(DataError, match="row 1, position 0"):
        pack([[1], [-1]], length=4, pad_id=0)


def test_nothing():
    for rows in ([], [[], []]):
        batch = pack(rows, length=4, pad_id=0)
        assert batch.ids.shape == (0, 4)
        assert batch.cu_seqlens.tolist() == [0]
        assert batch.max_seqlen == 0
    assert repr(plan_packing([3, 0], 4)) == "<PackPlan: 1 rows of 4, 1 pieces of 2 documents>"


def test_documents_without_ids_take_no_place():
    """Neither a label nor a boundary is made for one, wherever it stands."""
    batch = Causal().apply(pack([[], [5, 6], [], [7], []], length=3, pad_id=0))
    assert (batch.ids.tolist(), batch.cu_seqlens.tolist()) == ([[5, 6, 7]], [0, 2, 3])
    assert (batch.labels.tolist(), batch.segment_ids.tolist()) == ([[-100, 6, -100]], [[1, 1, 2]])


def test_more_pieces_than_there_is_memory_for():
    """An error, not the end of the process."""
    code = (
        "import resource, bpe_tool\n"
        "resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))\n"
        "for strategy in ('best-fit', 'best-fit-crop'):\n"
        "    try:\n"
        "        bpe_tool.plan_packing([1 << 29], 1, strategy=strategy)\n"
        "    except bpe_tool.LimitError as error:\n"
        "        print(error, error.hint)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("pieces to pack pack some documents at a time") == 2
