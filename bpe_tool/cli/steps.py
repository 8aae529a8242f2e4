"""The steps of preprocessing as flags.

A flag `--STEP` adds a step. With a value, `--STEP=VALUE`, it also sets the main option of the step.
Other options have flags of their own, which require the flag of the step.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_origin

import click

from bpe_tool.cli import options

if TYPE_CHECKING:
    from bpe_tool.errors import ArgumentError
    from bpe_tool.preprocess.step import Step


@dataclass(frozen=True)
class Option:
    """An option of a step.

    Attributes:
        option: Its name in pipeline files.
        flag: Its flag.
        help: Its help text.
        metavar: The name of its value in help; empty if it takes none.
        several: Whether it can be given more than once.
        value: The value that a flag without one sets the option to.
    """

    option: str
    flag: str
    help: str
    metavar: str = ""
    several: bool = False
    value: bool = True


@dataclass(frozen=True)
class StepFlag:
    """The flag of a step.

    Attributes:
        step: The step's name.
        help: Its help text.
        main: The option that a value after `=` sets, and the name of the value in help.
        others: The step's other options.
        named: The flag, if it is not the name with hyphens.
    """

    step: str
    help: str
    main: tuple[str, str] | None = None
    others: tuple[Option, ...] = ()
    named: str = ""

    @property
    def flag(self) -> str:
        """The flag, as it is written."""
        return self.named or "--" + self.step.replace("_", "-")


#: All flags, in the order in which the steps are applied.
FLAGS = (
    StepFlag("fix", "Repair text decoded with the wrong encoding (extra `fix`)."),
    StepFlag(
        "strip_html",
        "Remove HTML tags; decode entities.",
        others=(Option("entities", "--keep-entities", "Do not decode entities.", value=False),),
    ),
    StepFlag(
        "normalize",
        "Normalize characters: NFC (default), NFKC, NFD, NFKD or none.",
        main=("form", "FORM"),
        others=(
            Option(
                "whitespace",
                "--whitespace",
                "White space: keep, spaces, collapse (default) or join.",
                "HOW",
            ),
            Option("line_ends", "--line-ends", "End all lines with a line feed."),
            Option("quotes", "--straight-quotes", "Make quotation marks straight."),
            Option("dashes", "--plain-dashes", "Write dashes as - and --."),
            Option("zero_width", "--keep-zero-width", "Keep invisible characters.", value=False),
        ),
    ),
    StepFlag(
        "strip_urls",
        "Remove web addresses, or replace them by TEXT.",
        main=("replacement", "TEXT"),
        others=(
            Option("emails", "--emails", "Strip e-mail addresses too."),
            Option(
                "email_replacement", "--email-text", "Replace e-mail addresses by TEXT.", "TEXT"
            ),
            Option("domains", "--domains", "Strip bare host names too: example.org/a."),
        ),
    ),
    StepFlag(
        "expand_contractions",
        "Write out contractions: it's, don't, we'd.",
        others=(
            Option(
                "ambiguous",
                "--ambiguous",
                "If the meaning is not sure: likely (default), keep, list.",
                "HOW",
            ),
            Option(
                "inversion",
                "--inversion",
                "Where not goes in questions: literal (default), reorder.",
                "HOW",
            ),
            Option(
                "missing_apostrophes",
                "--missing-apostrophes",
                "Write out dont, im and the like too.",
            ),
        ),
    ),
    StepFlag("expand_slang", "Write out gonna, wanna, dunno and the like."),
    StepFlag(
        "rephrase",
        "Replace wordy phrases by plain ones, or by those of your tables.",
        main=("tables", "TABLES"),
        others=(
            Option("fraction", "--fraction", "The share of phrases to rewrite.  [default: 1]", "X"),
            Option("seed", "--seed", "The seed of random choices.  [default: 0]", "N"),
        ),
    ),
    StepFlag(
        "replace_synonyms",
        "Replace words by synonyms from your WordNet (extra `wordnet`).",
        main=("lexicon", "LEXICON"),
        others=(
            Option(
                "fraction",
                "--synonym-fraction",
                "The share of words to replace.  [default: 1]",
                "X",
            ),
            Option("seed", "--synonym-seed", "The seed of random choices.  [default: 0]", "N"),
        ),
    ),
    StepFlag(
        "lowercase",
        "Make all letters lower-case.",
        others=(
            Option("fold", "--fold", "Fold case, for comparing."),
            Option("turkish", "--turkish", "Use the rules of Turkish for i."),
            Option("keep_acronyms", "--keep-acronyms", "Leave NASA and U.S. alone."),
        ),
    ),
    StepFlag(
        "strip_accents",
        "Strip accents off letters.",
        others=(
            Option(
                "letters", "--ascii-letters", "Write \u00f8 as o, \u00df as ss, and the like too."
            ),
        ),
    ),
    StepFlag(
        "remove_digits",
        "Remove numbers; or ACTION: mask, split, keep.",
        main=("action", "ACTION"),
        others=(
            Option(
                "words",
                "--digit-words",
                "Words with digits, such as H2O: remove, mask, split, keep, same (as numbers), or "
                "auto (default: keep if numbers are removed, else same).",
                "ACTION",
            ),
            Option("which", "--digits", "Which digits count: nd (default), ascii or all.", "WHICH"),
        ),
    ),
    StepFlag(
        "remove_punctuation",
        "Remove punctuation: unicode (default), symbols, ascii or all.",
        main=("which", "WHICH"),
        others=(
            Option("keep", "--keep-punctuation", "Characters to keep.", "CHARACTERS"),
            Option("keep_apostrophes", "--keep-apostrophes", "Keep apostrophes in words."),
            Option("keep_hyphens", "--keep-hyphens", "Keep hyphens in words."),
            Option("keep_decimals", "--keep-decimals", "Keep . and , between digits."),
        ),
    ),
    StepFlag(
        "remove_stopwords",
        "Remove stopwords. LISTS: names of lists, languages, files.",
        main=("lists", "LISTS"),
        others=(
            Option(
                "keep_negation",
                "--remove-negation",
                "Remove not, never and the like too.",
                value=False,
            ),
            Option("keep", "--keep-word", "A word to keep. Repeatable.", "WORD", several=True),
            Option("extra", "--stopword", "A word to remove. Repeatable.", "WORD", several=True),
        ),
    ),
    StepFlag(
        "lemmatize",
        "Replace words by their base forms (extra `lemma`).",
        main=("language", "LANGUAGE"),
    ),
    StepFlag("stem", "Replace words by their stems (extra `stem`).", main=("language", "LANGUAGE")),
    StepFlag(
        "split_words",
        "Put one space between words.",
        others=(
            Option(
                "drop_punctuation",
                "--drop-punctuation",
                "Drop punctuation and symbols, except emoji.",
            ),
        ),
        named="--words",
    ),
    StepFlag(
        "split_characters",
        "Put a space between characters; write TEXT for former spaces.",
        main=("space", "TEXT"),
        named="--characters",
    ),
)


class StepsCommand(click.Command):
    """A command whose step flags may have a value after `=`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give step flags without a value an empty one; click would take the next argument."""
        optional = {each.flag for each in FLAGS if each.main}
        end = args.index("--") if "--" in args else len(args)
        args = [f"{arg}=" if arg in optional else arg for arg in args[:end]] + args[end:]
        return super().parse_args(ctx, args)


def steps(verb: options.Verb) -> options.Verb:
    """Add the flags of all steps. `steps` maps those that are given to their values."""
    decorators: list[options.Decorator] = []
    for each in FLAGS:
        if each.main:
            decorators.append(
                click.option(
                    each.flag, callback=options.utf8, metavar=f"[={each.main[1]}]", help=each.help
                )
            )
        else:
            decorators.append(click.option(each.flag, is_flag=True, help=each.help))
        for other in each.others:
            if other.metavar:
                text = click.option(
                    other.flag,
                    multiple=other.several,
                    callback=options.utf8,
                    metavar=other.metavar,
                    help=other.help,
                )
                decorators.append(text)
            else:
                decorators.append(click.option(other.flag, is_flag=True, help=other.help))
    add = options.decorated(*decorators)

    def with_steps(**values: Any) -> int:  # noqa: ANN401 - whatever the verb takes
        given: dict[str, Any] = {}
        for flag in _all_flags():
            value = values.pop(flag.removeprefix("--").replace("-", "_"))
            if value not in (None, False, ()):
                given[flag] = value
        return verb(steps=given, **values)

    return add(functools.wraps(verb)(with_steps))


def make_steps(given: Mapping[str, Any]) -> list[Step]:
    """Make the steps of the given flags, in the order that works best.

    Raises:
        UsageError: An option was given without its step.
        ArgumentError: An option is invalid.
    """
    from bpe_tool.errors import ArgumentError
    from bpe_tool.preprocess.options import make_step

    made: list[Step] = []
    for each in FLAGS:
        alone = [other.flag for other in each.others if other.flag in given]
        if each.flag not in given:
            if alone:
                raise click.UsageError(f"{alone[0]} needs {each.flag}.")
            continue
        values: dict[str, Any] = {}
        if each.main and given[each.flag]:
            values[each.main[0]] = given[each.flag]
        for other in each.others:
            if other.flag in given:
                values[other.option] = given[other.flag] if other.metavar else other.value
        try:
            made.append(make_step(each.step, _typed(each.step, values), None))
        except ArgumentError as error:
            raise _with_flags(error, each) from None
    return made


def _all_flags() -> list[str]:
    return [flag for each in FLAGS for flag in (each.flag, *(one.flag for one in each.others))]


def _typed(step: str, values: dict[str, Any]) -> dict[str, Any]:
    """Convert text to the numbers and lists that options hold."""
    from bpe_tool.errors import ArgumentError
    from bpe_tool.preprocess.registry import step_class
    from bpe_tool.preprocess.step import option_types

    known = option_types(step_class(step))
    for option, value in values.items():
        if get_origin(known[option]) is tuple and isinstance(value, str):
            values[option] = tuple(value.split(","))
        elif known[option] in (int, float):
            try:
                values[option] = known[option](value)
            except ValueError:
                what = "a whole number" if known[option] is int else "a number"
                raise ArgumentError(f"option {option!r}: {value!r} is not {what}") from None
    return values


def _with_flags(error: ArgumentError, flag: StepFlag) -> ArgumentError:
    """Replace option names by flags in the hint of an error."""
    hint = error.hint
    names = {other.option: f"{other.flag} " for other in flag.others}
    if flag.main:
        names[flag.main[0]] = f"{flag.flag}="
    for option, written in names.items():
        if hint:
            hint = hint.replace(f"`{option}=True`", written.strip())
            hint = re.sub(rf'`{option}(?:="?([^"`]*)"?)?`', rf"{written}\1", hint)
    return type(error)(f"{flag.flag}: {error}", hint=hint)
