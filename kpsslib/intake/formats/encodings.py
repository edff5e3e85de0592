"""The letters of text files as Czech offices save them: found by rule, never by statistics, and never repaired."""

from __future__ import annotations

import re
import unicodedata

_CZECH = "áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽ"
_NEIGHBOURS = "äëöüßÄËÖÜľĺŕôĽĹŔÔ"  # in names of people and places
_MARKS = "§°–—„“”‚‘’…²³€½\u00a0•"
_OLD_CODE_PAGES = ("cp1250", "iso8859-2", "cp852")
# What a wrong code page makes of a word: a mark or a capital letter in its middle, a letter beside a digit.
_ODD = re.compile(
    rf"(?<=[^\W\d_])(?:[‚„§€½•]|[…°²³](?=[^\W\d_]))|[{_CZECH}{_NEIGHBOURS}](?=\d)|(?<=\d)[{_CZECH}{_NEIGHBOURS}]"
    r"|(?<=[a-záčďéěíňóřšťúůýž])(?<!\bMě)[ÁČĎÉĚÍŇÓŘŠŤÚŮÝŽĽĹŔÔ]|[áčďéěíňóřšťúůýžľĺŕô](?=[A-Z])")
# UTF-8 read as an old code page and saved as UTF-8 again: the first byte of a letter, then its second one.
_TWICE = re.compile("[ÂĂÃÄĹÅ][\u0080-\u00bf\u0104-\u02dd\u2013-\u203a\u20ac\u2122]")


class TextFileError(ValueError):
    """A file that cannot be read, above all a text that is no table; `kind` is a code of `messages`.

    `values` is what its sentences need.
    """

    def __init__(self, kind: str, **values: object) -> None:
        self.kind, self.values = kind, values
        super().__init__(kind)


def decode(data: bytes) -> str:
    """The text of a file, its letters composed (NFC): byte order mark, then UTF-8, then the old Czech code pages.

    An old code page is believed only where the text reads as Czech in it and in no other one: a file in the wrong
    code page reads without error, as other letters.

    Raises TextFileError: unknown_encoding where none or several fit, zero_bytes, mojibake, lost_letters.
    """
    text = unicodedata.normalize("NFC", _decoded(data))
    if "\0" in text:
        raise TextFileError("zero_bytes")
    if (at := text.find("\ufffd")) >= 0:
        raise TextFileError("lost_letters", found=_word(text, at))
    for match in _TWICE.finditer(text):
        if _was_twice(match[0]):
            raise TextFileError("mojibake", found=_word(text, match.start()))
    return text


def _decoded(data: bytes) -> str:
    try:
        if data.startswith(b"\xef\xbb\xbf"):
            return data.decode("utf-8-sig")
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16")
    except UnicodeDecodeError:
        raise TextFileError("unknown_encoding") from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _in_old_code_page(data)


def _in_old_code_page(data: bytes) -> str:
    """The one reading in which all letters are Czech, else the one in which some are of the neighbours' languages."""
    readings = set()
    for encoding in _OLD_CODE_PAGES:
        try:
            readings.add(data.decode(encoding))
        except UnicodeDecodeError:
            continue
    for letters in (_CZECH, _CZECH + _NEIGHBOURS):
        allowed = set(letters + _MARKS)
        plausible = [text for text in readings if _foreign(text) <= allowed and not _ODD.search(text)]
        if plausible:
            break
    if len(plausible) != 1:
        raise TextFileError("unknown_encoding")
    return plausible[0]


def _foreign(text: str) -> set[str]:
    return {letter for letter in set(text) if letter > "\x7f"}


def _was_twice(pair: str) -> bool:
    for encoding in ("cp1250", "cp1252"):
        try:
            # the bytes that the code page leaves out come through as control characters
            letter = b"".join(c.encode("latin-1" if c < "\xa0" else encoding) for c in pair).decode("utf-8")
        except UnicodeError:
            continue
        if letter in _CZECH or letter in "\u00a0§°":
            return True
    return False


def _word(text: str, at: int) -> str:
    """The word around a place, at most 20 characters of it."""
    start = max(0, at - 10)
    start += re.search(r"[^\s;,|\"]*$", text[start:at]).start()
    return re.match(r"[^\s;,|\"]*", text[start:start + 20])[0]
