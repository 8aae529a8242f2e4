"""Finds what is not prose: URLs, e-mail addresses, code spans, handles."""

from __future__ import annotations

#: An address with its scheme, or one that begins with `www.`.
URL = r"(?:\b[A-Za-z][A-Za-z0-9+.-]{1,15}://|\bwww\.)[^\s<>\"]+"

#: An e-mail address.
EMAIL = r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+"

#: A user's name as chats write it.
HANDLE = r"(?<![\w@])@\w[\w.]*"

#: Code in Markdown: between fences, or between single backticks on one line.
CODE = r"(?s:```.*?(?:```|\Z))|(?<!`)`[^`\n]+`(?!`)"
