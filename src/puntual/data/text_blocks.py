"""Read a stream as UTF-8 text, in blocks that end at the ends of rows."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Generator, Iterator
from itertools import chain
from typing import Protocol

from puntual.data.encodings import LABELS, detect_encoding, detect_utf_16
from puntual.errors import DataError

BLOCK_BYTES = 32 * 2**20
"""Bytes that are read at a time."""
MAX_LINE_BYTES = 16 * 2**20
"""Longest line."""

Say = Callable[[str], None]

_MAX_QUOTED_BYTES = 2**20
_SAMPLE_BYTES = 2**18


class Stream(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Read at most so many bytes; none at the end."""

    def close(self) -> None:
        """Close it."""


class Decoder:
    r"""Turns the blocks of a file into UTF-8 with line ends ``\n`` and without a byte order mark.

    Parameters
    ----------
    where : the file's name in messages
    encoding : None: detected
    say : is told how a text is read that is not UTF-8
    detected : encoding that was detected before

    Attributes
    ----------
    encoding : as given or detected; None as long as all is ASCII
    """

    def __init__(self, where: str, encoding: str | None, say: Say, detected: str | None = None) -> None:
        self.where, self.encoding, self._say = where, encoding or detected, say
        self._given = encoding is not None
        if encoding is not None:
            try:
                codecs.lookup(encoding)
            except LookupError:
                raise DataError(where, f"no encoding {encoding!r}", wanted="one that Python knows") from None

    def decode(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Decode blocks of any length.

        Raises
        ------
        DataError : text that is not in the encoding given, or a line that is too long
        """
        first = next(blocks, b"")
        if self.encoding is None and (encoding := detect_utf_16(first[:4096])):
            self._choose(encoding)
        if self.encoding is not None and _is_wide(self.encoding):
            text = self._decode_wide(chain([first], blocks), self.encoding)
        else:
            blocks = chain([first.removeprefix(codecs.BOM_UTF8)], blocks)
            text = (self._to_utf_8(block) for block in _whole_lines(blocks, self.where))
        return (_unix_lines(block) for block in text)

    def _decode_wide(self, blocks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
        decoder = codecs.getincrementaldecoder(encoding)()
        pieces = (self._attempt(decoder.decode, block).encode(errors="replace") for block in blocks)
        first = next(pieces, b"").removeprefix(codecs.BOM_UTF8)
        yield from _whole_lines(chain([first], pieces), self.where)

    def _attempt(self, decode: Callable[[bytes], str], block: bytes) -> str:
        try:
            return decode(block)
        except UnicodeError as error:
            at = f", byte {error.start + 1:,}" if isinstance(error, UnicodeDecodeError) else ""
            name = self.encoding if self._given else LABELS[str(self.encoding)]
            raise DataError(self.where, f"not {name}{at}", wanted="the encoding of the file") from None

    def _to_utf_8(self, block: bytes) -> bytes:
        if block.isascii():
            return block
        if self.encoding is None:
            self._choose(detect_encoding(_sample(block)))
        encoding = str(self.encoding)
        if self._given:
            return self._attempt(lambda given: given.decode(encoding), block).encode(errors="replace")
        if encoding != "utf-8":
            return _decode_leniently(block, encoding)
        try:
            block.decode()
        except UnicodeDecodeError:
            return self._decode_by_line(block)
        return block

    def _decode_by_line(self, block: bytes) -> bytes:
        lines = block.split(b"\n")
        for number, line in enumerate(lines):
            try:
                line.decode()
            except UnicodeDecodeError:
                lines[number] = _decode_leniently(line, "cp1252")
        self._say(f"{self.where}: some lines are not UTF-8; they are read as Windows-1252")
        return b"\n".join(lines)

    def _choose(self, encoding: str) -> None:
        self.encoding = encoding
        if encoding != "utf-8":
            self._say(f"{self.where}: the text is not UTF-8; it is read as {LABELS[encoding]}")


def read_blocks(stream: Stream, decoder: Decoder, size: int = BLOCK_BYTES) -> Generator[bytes, None, None]:
    """Read a stream as UTF-8 blocks that end at the ends of rows, and close it.

    Parameters
    ----------
    size : bytes to read at a time

    Raises
    ------
    DataError : as `Decoder.decode`
    """
    try:
        yield from split_rows(decoder.decode(_filled(stream, size)), decoder.where)
    finally:
        stream.close()


def split_rows(texts: Iterator[bytes], where: str) -> Iterator[bytes]:
    r"""Cut text anew at the ends of rows, and end the last one.

    Examples
    --------
    >>> list(split_rows(iter([b'1,"2\n', b'3",4\n5,6']), "flights.csv"))
    [b'1,"2\n3",4\n', b'5,6\n']
    """
    rest = b""
    for text in texts:
        whole = rest + text if rest else text
        end = end_of_rows(whole)
        if end:
            yield whole[:end]
        rest = whole[end:]
        _check_length(rest, where)
    if rest:
        yield rest if rest.endswith(b"\n") else rest + b"\n"


def end_of_rows(text: bytes) -> int:
    r"""Where the last row ends that is complete; a line end between quotes ends no row.

    A quote that stays open for long is a stray one, and then each line is a row.

    Examples
    --------
    >>> end_of_rows(b'1,2\n3,"4\n5'), end_of_rows(b'1,"2\n3",4\n5,6')
    (4, 10)
    """
    end = text.rfind(b"\n") + 1
    if text.count(b'"', 0, end) % 2 == 0:
        return end
    stop = end
    while stop > 0 and end - stop < _MAX_QUOTED_BYTES:
        opening = text.rfind(b'"', 0, stop)
        closing = text.rfind(b'"', 0, max(opening, 0))
        line_end = text.rfind(b"\n", closing + 1, max(opening, 0))
        if line_end >= 0:
            return line_end + 1
        stop = closing
    return 0 if end < _MAX_QUOTED_BYTES else end


def _filled(stream: Stream, size: int) -> Iterator[bytes]:
    while block := stream.read(size):
        yield block


def _whole_lines(blocks: Iterator[bytes], where: str) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        whole = rest + block if rest else block
        end = max(whole.rfind(b"\n"), whole.rfind(b"\r", 0, -1)) + 1
        if end:
            yield whole[:end]
        rest = whole[end:]
        _check_length(rest, where)
    if rest:
        yield rest


def _is_wide(encoding: str) -> bool:
    return encoding.lower().replace("_", "-").startswith(("utf-16", "utf-32"))


def _check_length(line: bytes, where: str) -> None:
    if len(line) > MAX_LINE_BYTES:
        found = f"a line of more than {MAX_LINE_BYTES // 2**20} MiB"
        raise DataError(where, found, wanted="one row a flight, each on a line of its own")


def _unix_lines(text: bytes) -> bytes:
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text


def _sample(block: bytes) -> bytes:
    """Lines beyond ASCII."""
    lines = (line for line in block.splitlines(keepends=True) if not line.isascii())
    sample = bytearray()
    for line in lines:
        sample += line
        if len(sample) > _SAMPLE_BYTES:
            break
    return bytes(sample)


def _decode_leniently(block: bytes, encoding: str) -> bytes:
    try:
        return block.decode(encoding).encode()
    except UnicodeDecodeError:
        other = "latin-1" if encoding == "cp1252" else encoding
        return block.decode(other, "replace").encode()
