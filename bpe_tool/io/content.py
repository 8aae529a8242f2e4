"""Tells by its first bytes what a file holds if it is not text.

Three questions have three answers: which format this is (`recognized`), which encoding of Unicode
text (`encoding_of`), and whether it looks binary at all (`is_binary`, `holds_nul`). Only formats
are matched that no text begins like: signatures of letters count only if a NUL byte follows, and
not where NUL bytes end the records of a text.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

#: How many bytes decide whether a file is binary: as many as in git.
HEAD_BYTES = 8000

#: Compression that this package reads, by its suffix.
Compression: TypeAlias = Literal["gzip", "zstd", "bzip2", "xz"]


class Content(NamedTuple):
    """What a file holds.

    Attributes:
        name: A short name of the format.
        what: What messages call it.
    """

    name: str
    what: str


#: The signatures that no text begins with. The first that fits counts.
_SIGNATURES: tuple[tuple[bytes, Content], ...] = (
    (b"version https://git-lfs.github.com/",
     Content("lfs", "a pointer to a file in Git LFS, not the file")),
    (b"PK\x03\x04", Content("zip", "a zip archive")),
    (b"PK\x05\x06", Content("zip", "a zip archive")),
    (b"\x1f\x8b\x08", Content("gzip", "a gzip file")),
    (b"\x28\xb5\x2f\xfd", Content("zstd", "a Zstandard file")),
    (b"\xfd7zXZ\0", Content("xz", "an xz file")),
    (b"7z\xbc\xaf\x27\x1c", Content("7z", "a 7-Zip archive")),
    (b"Rar!\x1a\x07", Content("rar", "a RAR archive")),
    (b"\x04\x22\x4d\x18", Content("lz4", "an LZ4 file")),
    (b"\x1f\x9d", Content("compress", "a file of compress (.Z)")),
    (b"\x93NUMPY", Content("numpy", "an array of numpy")),
    (b"\x89HDF", Content("hdf5", "an HDF5 file")),
    (b"%PDF-", Content("pdf", "a PDF document")),
    (b"\x89PNG\r\n\x1a\n", Content("png", "a PNG image")),
    (b"\xff\xd8\xff", Content("jpeg", "a JPEG image")),
    (b"\x7fELF", Content("elf", "a program (ELF)")),
    (b"\xcf\xfa\xed\xfe", Content("mach-o", "a program (Mach-O)")),
    (b"\xca\xfe\xba\xbe", Content("class", "a program (Java class or Mach-O)")),
    (b"\0asm", Content("wasm", "a program (WebAssembly)")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Content("ole", "an Office document (.doc, .xls, .ppt)")),
    (b"\x1a\x45\xdf\xa3", Content("matroska", "a video (Matroska or WebM)")),
    (b"Obj\x01", Content("avro", "an Avro file")),
)  # fmt: skip

#: Signatures of letters, which a text may begin with, too. A NUL byte must follow.
_LETTERS: tuple[tuple[bytes, Content], ...] = (
    (b"PAR1", Content("parquet", "a Parquet file")),
    (b"ARROW1", Content("arrow", "an Arrow file")),
    (b"FEA1", Content("feather", "a Feather file of version 1")),
    (b"ORC", Content("orc", "an ORC file")),
    (b"SQLite format 3\0", Content("sqlite", "an SQLite database")),
    (b"GIF8", Content("gif", "a GIF image")),
    (b"BM", Content("bmp", "a BMP image")),
    (b"II*\0", Content("tiff", "a TIFF image")),
    (b"MM\0*", Content("tiff", "a TIFF image")),
    (b"OggS", Content("ogg", "an audio file (Ogg)")),
    (b"fLaC", Content("flac", "an audio file (FLAC)")),
    (b"ID3", Content("mp3", "an audio file (MP3)")),
    (b"RIFF", Content("riff", "an image, sound or video (RIFF: .webp, .wav, .avi)")),
    (b"MZ", Content("exe", "a program (.exe or .dll)")),
    (b"PACK\0", Content("pack", "a pack of git")),
    (b"GGUF", Content("gguf", "a GGUF file, which holds a model")),
    (b"wOFF", Content("font", "a font")),
    (b"wOF2", Content("font", "a font")),
    (b"OTTO", Content("font", "a font")),
)

_BZIP2 = re.compile(rb"BZh[1-9](?:1AY&SY|\x17\x72\x45\x38\x50\x90)")
_PICKLE = re.compile(rb"\x80[\x02-\x05](?:\x95|[\]}(cXq\x8c\x88])")

#: What a file begins with that is no text, or not UTF-8.
_STARTS = (*(start for start, _ in (*_SIGNATURES, *_LETTERS)), b"BZh91AY&SY", b"\xff\xfe\0\0")

#: What is inside a zip archive that is a document or weights.
_ZIPPED: tuple[tuple[bytes, Content], ...] = (
    (b"[Content_Types].xml", Content("office", "an Office document (.docx, .xlsx, .pptx)")),
    (b"mimetypeapplication/epub", Content("epub", "an EPUB book")),
    (b"mimetypeapplication/vnd.oasis", Content("office", "an OpenDocument file")),
    (b"/data.pkl", Content("torch", "a zip archive, as PyTorch writes for weights")),
)

#: What to do about a file that was to be read as text. The rest is read with other programs.
_HINTS: Mapping[str, str] = {
    "gzip": "give it a name that ends in .gz, or decompress it: gunzip",
    "zstd": "give it a name that ends in .zst, or decompress it: unzstd",
    "bzip2": "give it a name that ends in .bz2, or decompress it: bunzip2",
    "xz": "give it a name that ends in .xz, or decompress it: unxz",
    "zip": "give it a name that ends in .zip, or unpack it: unzip",
    "tar": "give it a name that ends in .tar, or unpack it: tar -xf",
    "7z": "unpack it: 7z x",
    "rar": "unpack it: unrar x",
    "lz4": "decompress it: unlz4",
    "compress": "decompress it: uncompress",
    "parquet": "give it a name that ends in .parquet, and name its column of text",
    "arrow": "give it a name that ends in .arrow, and name its column of text",
    "pdf": "extract its text: pdftotext FILE.pdf",
    "office": "save it as plain text",
    "ole": "save it as plain text",
    "epub": "save it as plain text: pandoc -t plain FILE.epub",
    "lfs": "run `git lfs pull`",
    "sqlite": "write its text to a file: sqlite3 FILE 'SELECT ...' > text.txt",
}


def hint_of(content: Content) -> str:
    """Return what to do about a file that was to be read as text; "" if there is no advice."""
    return _HINTS.get(content.name, "")


def recognized(head: bytes, *, letters: bool = True) -> Content | None:
    """Return the format of a file that begins with `head`, if it is known and no text.

    Args:
        head: The first bytes of the file.
        letters: Whether a NUL byte makes a signature of letters. Where NUL bytes end the records
            of a text, it does not.
    """
    for signature, content in _SIGNATURES:
        if head.startswith(signature):
            return _zipped(head) if content.name == "zip" else content
    if _BZIP2.match(head):
        return Content("bzip2", "a bzip2 file")
    if _PICKLE.match(head):
        return Content("pickle", "a pickle, which can run code when it is read")
    if b"\0" in head:
        return _with_nul(head, letters=letters)
    return None


def encoding_of(head: bytes) -> str | None:
    """Return the encoding that a byte order mark tells of, but for UTF-8: UTF-16 or UTF-32."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "UTF-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    return None


def holds_nul(head: bytes) -> bool:
    """Return whether a NUL byte is among the first bytes: a binary file, as git sees it."""
    return b"\0" in head[:HEAD_BYTES]


def is_binary(head: bytes) -> bool:
    """Return whether the first bytes cannot be text, even one with a few odd bytes.

    There is a NUL byte, and at least one byte in ten is NUL, another control character that
    text does not hold, or not UTF-8.
    """
    head = head[:HEAD_BYTES]
    if b"\0" not in head:
        return False
    odd = len(head) - len(head.translate(None, _CONTROL))
    # Of bytes that are not UTF-8, those are left out that are only cut off at the end.
    valid = head.decode(errors="ignore").encode()
    return 10 * (odd + max(0, len(head) - len(valid) - 3)) >= len(head)


def may_be_recognized(head: bytes) -> bool:
    """Return whether `head` is too short to tell: the beginning of a signature, and no more."""
    return any(len(head) < len(start) and start.startswith(head) for start in _STARTS)


_CONTROL = bytes({*range(0x20), 0x7F} - set(b"\t\n\v\f\r\x1b"))


def _zipped(head: bytes) -> Content:
    found = (content for mark, content in _ZIPPED if mark in head[:HEAD_BYTES])
    return next(found, Content("zip", "a zip archive"))


def _with_nul(head: bytes, *, letters: bool) -> Content | None:
    if letters:
        for signature, content in _LETTERS:
            if head.startswith(signature):
                return content
        if head[4:8] == b"ftyp":
            return Content("mp4", "a video or image (MP4, HEIC or AVIF)")
    if head[257:262] == b"ustar":
        return Content("tar", "a tar archive")
    if head.startswith(b"\xff\xff\xff\xff") and head[5:8] == b"\0\0\0"[: len(head[5:8])]:
        return Content("arrow", "an Arrow stream, as the library datasets saves")
    if is_safetensors(head):
        return Content("safetensors", "a safetensors file, which holds weights")
    return None


def is_safetensors(head: bytes) -> bool:
    """Return whether a file begins as those of safetensors: a length, then a JSON object."""
    return head[8:9] == b"{" and 0 < int.from_bytes(head[:8], "little") < 1 << 40
