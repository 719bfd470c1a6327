"""Detect the encoding of a text that does not say it."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

LABELS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "gb18030": "GB18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "cp932": "Shift JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "cp949": "EUC-KR (Korean)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1252": "Windows-1252",
    "latin-1": "Latin-1",
}
"""How an encoding is called in messages."""
BOMS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
"""The byte order marks."""


class _Script(NamedTuple):
    """Characters by which a text in an encoding is known.

    Attributes
    ----------
    common : first bytes of those in daily use; Latin letters that are read as pairs seldom fall there
    frequent : those that timetables, and any text, use most
    """

    encoding: str
    common: tuple[range, ...]
    frequent: frozenset[str]


_CHINESE = (
    "的一是在不了有和人大中国年月日时分周航空班机场站楼出发到达起飞降落计划预定实际间期号公司取消延误"
    "正常城市目地型状态备注东南西北京上海广州深圳成都重庆安杭厦门昆明武汉香港澳南方山川"
)
_TAIWANESE = "時機場發達飛計劃預實際間號國東廣門慶廈態華榮臺灣橋備註誤長園點"
_JAPANESE = (
    "のにはをたがでとしれさあいうるなっアイウエオカキクケコサシスセタチツテトナニネハフマミムメラリル"
    "レロワンーッャュョガグゲゴジズダデドバビブプパ・便航空会社出発到着定刻予実際時分年月日付先行機種"
    "別欠備考状況東京大阪羽田成福岡札幌沖縄那覇国日本全"
)
_KOREAN = (
    "항공편출발도착시간예정실제공항국제선내목적지상태취소지연비고날짜번호기종서울인천김포주부산대구광"
    "한아시나이의에는을가다로고하사도리스정일월년행현황운계획"
)
_EAST_ASIAN = (
    _Script("gb18030", (range(0xA1, 0xA4), range(0xB0, 0xD8)), frozenset(_CHINESE)),
    _Script("big5", (range(0xA1, 0xC7),), frozenset(_CHINESE + _TAIWANESE)),
    _Script("cp932", (range(0x81, 0x99),), frozenset(_JAPANESE)),
    _Script("euc_jp", (range(0xA1, 0xA6), range(0xB0, 0xD0)), frozenset(_JAPANESE)),
    _Script("cp949", (range(0xA1, 0xA4), range(0xB0, 0xC9)), frozenset(_KOREAN)),
)
_FREQUENT_LETTERS = {"cp1251": "оеаинтсрвл", "cp1253": "αοιετνσρηπ"}
_MIN_COMMON = 0.7
# A letter beyond ASCII between letters of ASCII, or two of them, is Latin; more are another alphabet.
_LATIN = re.compile(
    rb"(?<=[A-Za-z])[\x80-\xff]{1,2}(?![\x80-\xff])|(?<![\x80-\xff])[\x80-\xff]{1,2}(?=[a-z])"
)
_OTHER_ALPHABET = re.compile(rb"[\xb8\xc0-\xff]{3,}")


def detect_encoding(sample: bytes) -> str:
    r"""Name the encoding of lines with bytes beyond ASCII.

    It is UTF-8 if half of the lines are; else one of East Asia if it gives characters in daily use; else
    that of an alphabet of its own; else Windows-1252.

    Examples
    --------
    >>> detect_encoding("计划起飞,实际起飞".encode("gbk")), detect_encoding("São Paulo".encode("latin-1"))
    ('gb18030', 'latin-1')
    """
    lines = [line for line in sample.splitlines() if not line.isascii()]
    if 2 * sum(map(is_utf_8, lines)) >= len(lines):
        return "utf-8"
    scores = {script.encoding: _score(sample, script) for script in _EAST_ASIAN}
    best = max(scores, key=lambda one: scores[one])
    if scores[best] > 0:
        return best
    others = _OTHER_ALPHABET.findall(sample)
    if 2 * sum(map(len, others)) > len(re.findall(rb"[\x80-\xff]", sample)):
        return max(_FREQUENT_LETTERS, key=lambda one: _letters(b"".join(others), one))
    return "cp1252" if re.search(rb"[\x80-\x9f]", sample) else "latin-1"


def _score(sample: bytes, script: _Script) -> float:
    """How well a text is one of a script: above 0 if most of its characters are common ones."""
    try:
        counts = Counter(one for one in sample.decode(script.encoding) if not one.isascii())
    except UnicodeDecodeError:
        return 0
    latin = sum(len(run) for run in _LATIN.findall(sample))
    if not counts or 2 * latin > sum(len(run) for run in re.findall(rb"[\x80-\xff]+", sample)):
        return 0
    common = frequent = 0
    for character, count in counts.items():
        lead, *rest = character.encode(script.encoding)
        common += count * (bool(rest) and any(lead in one for one in script.common))
        frequent += count * (character in script.frequent)
    total = counts.total()
    return 1 + frequent / total if common >= _MIN_COMMON * total else 0


def _letters(text: bytes, encoding: str) -> int:
    return sum(text.decode(encoding, "replace").count(letter) for letter in _FREQUENT_LETTERS[encoding])


def detect_utf_16(head: bytes) -> str | None:
    r"""Name the byte order of UTF-16 text, with a byte order mark or without; None for other text.

    Examples
    --------
    >>> detect_utf_16("Flug\tZiel\n".encode("utf-16-be")), detect_utf_16(b"Flug\tZiel\n")
    ('utf-16-be', None)
    """
    for mark, encoding in BOMS.items():
        if head.startswith(mark):
            return None if encoding == "utf-8" else encoding
    even, odd = head[0::2].count(0), head[1::2].count(0)
    most, least, encoding = (even, odd, "utf-16-be") if even > odd else (odd, even, "utf-16-le")
    # Line ends, separators and digits have a zero byte in any language; other characters none.
    if least or 10 * most < len(head) // 2:
        return None
    text = head.decode(encoding, "ignore")
    return encoding if all(one.isprintable() or one in "\t\r\n" for one in text) else None


def is_utf_8(content: bytes) -> bool:
    """Whether bytes are text in UTF-8."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
