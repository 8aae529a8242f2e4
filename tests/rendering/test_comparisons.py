"""Blocks that compare several things, on a terminal and as a page."""

import re

from bpe_tool.rendering.blocks import Share, Sparklines, StackedBars, Table
from bpe_tool.rendering.html import page
from bpe_tool.rendering.terminal import BAR_WIDTH, render

PARTS = ["ids", "padding", "lost"]


def lines_of(block) -> list[str]:
    return render([block], colour=False).splitlines()


def test_stacked_bars_are_as_long_as_each_other_and_divided_by_size():
    block = StackedBars("Slots", ["a", "b"], PARTS, [(30, 10, 0), (1, 1, 2)])
    _, first, second, key, *_ = lines_of(block)
    assert first == "a  " + "█" * 30 + "░" * 10
    assert second == "b  " + "█" * 10 + "░" * 10 + "×" * 20
    assert key == "   █ ids  ░ padding  × lost"
    assert len(first) == BAR_WIDTH + 3
    text = page("t", [block]).decode()
    widths = [
        float(width) for width in re.findall(r'class="part\d" x="[\d.]+" .*?width="(\S+)"', text)
    ]
    assert widths == [420, 140, 0, 140, 140, 280]
    assert re.findall(r'<rect class="part\d" width="1"', text) == [
        f'<rect class="part{part}" width="1"' for part in range(3)
    ]


def test_nothing_is_divided_without_error():
    block = StackedBars("Slots", ["a"], PARTS, [(0, 0, 0)])
    assert lines_of(block)[1] == "a"
    assert b"part0" in page("t", [block])


def test_sparklines_are_full_at_the_number_that_is_said():
    block = Sparklines("Padding", ["a", "b"], [[0, 0.25, 0.5, 1], []], full=0.5)
    _, first, second, *_ = lines_of(block)
    assert (first, second) == ("a  ▁▅██", "b")
    heights = re.findall(r'class="bar" .*?height="(\S+)"', page("t", [block]).decode())
    assert heights == ["0.0", "16.0", "32.0", "32.0"]


def test_a_marked_row_is_pointed_out():
    block = Table("Ways", ("way", "padding"), [("a", Share(0.5)), ("b", Share(0))], marked=1)
    assert lines_of(block)[2:4] == ["   a     50.0 %", "→  b        0 %"]
    rows = re.findall(r"<tr[^>]*><td.*?</tr>", page("t", [block]).decode())
    assert [row.startswith('<tr aria-current="true">') for row in rows] == [False, True]
    assert '<td class="n">50.0 %</td>' in rows[0]
