"""Names and codes of languages, so that steps take either."""

from __future__ import annotations

#: ISO 639 codes of the languages with a stemmer, lemmas or a stopword list; of two letters
#: where there is one.
CODES = {
    "albanian": "sq", "arabic": "ar", "armenian": "hy", "asturian": "ast",
    "azerbaijani": "az", "basque": "eu", "bengali": "bn", "bulgarian": "bg", "catalan": "ca",
    "chinese": "zh", "czech": "cs", "danish": "da", "dutch": "nl",
    "english": "en", "esperanto": "eo", "estonian": "et", "finnish": "fi", "french": "fr",
    "galician": "gl", "georgian": "ka", "german": "de", "greek": "el", "hebrew": "he",
    "hindi": "hi", "hungarian": "hu", "icelandic": "is", "indonesian": "id", "irish": "ga",
    "italian": "it", "kazakh": "kk", "latin": "la", "latvian": "lv", "lithuanian": "lt",
    "luxembourgish": "lb", "macedonian": "mk", "malay": "ms", "nepali": "ne",
    "norwegian": "nb", "nynorsk": "nn", "persian": "fa", "polish": "pl", "portuguese": "pt",
    "romanian": "ro", "russian": "ru", "serbian": "sr", "sesotho": "st", "slovak": "sk",
    "slovene": "sl", "spanish": "es", "swahili": "sw", "swedish": "sv", "tagalog": "tl",
    "tajik": "tg",
    "tamil": "ta", "turkish": "tr", "ukrainian": "uk", "welsh": "cy", "yiddish": "yi",
}  # fmt: skip

_NAMES = {code: name for name, code in CODES.items()} | {"no": "norwegian"}


def name_of(language: str) -> str:
    """Return the English name of a language given by name or code; others as they are."""
    return _NAMES.get(language.lower(), language.lower())


def code_of(language: str) -> str:
    """Return the code of a language given by name or code; others as they are."""
    return CODES.get(language.lower(), language.lower())
