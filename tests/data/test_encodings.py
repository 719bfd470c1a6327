from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from puntual.data.encodings import detect_encoding, detect_utf_16
from puntual.data.parts import open_parts
from puntual.errors import DataError

JAPANESE = [
    "出発空港,到着空港,便名,出発予定時刻,実際の出発時刻",
    "東京羽田,札幌新千歳,JL100",
    "シドニー,遅延",
]
LONG = {
    "gb18030": ["出发机场,到达机场,计划起飞时间,是否取消", "乌鲁木齐,哈尔滨,MU123", "北京首都,上海虹桥,延误"],
    "big5": ["出發機場,抵達機場,預定起飛時間,航空公司", "臺北松山,高雄,BR100,準時", "花蓮,金門,馬祖,延誤"],
    "cp932": JAPANESE,
    "euc_jp": JAPANESE,
    "cp949": [
        "출발공항,도착공항,편명,출발예정시간,실제출발시간",
        "서울김포,제주,KE100,정상",
        "여수,울산,지연",
    ],
    "cp1251": ["Авиакомпания,Рейс,Направление,Время по расписанию", "Санкт-Петербург,Внуково,Задержан"],
    "cp1253": ["Αεροπορική,Πτήση,Προορισμός,Ώρα", "Θεσσαλονίκη,Ηράκλειο,Καθυστέρηση"],
}
LATIN = {
    "Spanish": ["Aerolínea,Vuelo,Salida programada,Día", "Concepción", "AÑO,COMPAÑÍA,AVIÓN", "Córdoba"],
    "German": ["Flug,Planmäßiger Abflug,Verspätung", "Düsseldorf,Köln/Bonn", "GEÄNDERT,VERSPÄTUNG", "Zürich"],
    "French": ["Numéro,Heure prévue,Retard", "Béziers,Nîmes", "COMPAGNIE AÉRIENNE,HEURE RÉELLE", "annulé"],
    "Portuguese": ["Empresa Aérea,Situação,Código", "CONGONHAS - SÃO PAULO - SP", "SITUAÇÃO", "conexões"],
    "Italian": ["Città,Orario", "Forlì", "LUNEDÌ"],
    "Swedish": ["Avgång,Försenad", "Malmö,Växjö", "FÖRSENAD,INSTÄLLD,AVGÅNG"],
    "Norwegian": ["Tromsø", "Ålesund,Bodø", "VÆRNES,KRISTIANSUND"],
    "Finnish": ["Lähtöaika,Määränpää", "Jyväskylä", "MÄÄRÄNPÄÄ,LÄHTÖ"],
}


@pytest.mark.parametrize("encoding", LONG)
def test_the_encoding_of_an_alphabet_of_its_own_is_found(encoding: str) -> None:
    assert detect_encoding("\n".join(LONG[encoding]).encode(encoding)) == encoding


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "cp949"])
def test_a_header_is_enough(encoding: str) -> None:
    assert detect_encoding(LONG[encoding][0].encode(encoding)) == encoding


@pytest.mark.parametrize("language", LATIN)
def test_a_word_of_a_latin_language_is_no_chinese(language: str) -> None:
    for line in LATIN[language]:
        assert detect_encoding(line.encode("latin-1")) == "latin-1", line


def test_windows_has_signs_where_latin_1_has_none() -> None:
    assert detect_encoding("Retraso – 5 €, São".encode("cp1252")) == "cp1252"


def test_utf_16_is_known_with_a_mark_and_without() -> None:
    for text in ("Flug\tZiel\r\n100\tFRA\r\n" * 9, "航班,机场\n" + "CZ6100,北京\n" * 9):
        for order in ("le", "be"):
            assert detect_utf_16(text.encode(f"utf-16-{order}")) == f"utf-16-{order}"
            assert (
                detect_utf_16("\ufeff".encode(f"utf-16-{order}") + text.encode(f"utf-16-{order}")) is not None
            )
        assert detect_utf_16(text.encode()) is None
    assert detect_utf_16(bytes(range(256))) is None


def read(path: Path, encoding: str | None = None) -> tuple[pl.DataFrame, list[str]]:
    said: list[str] = []
    (part,) = open_parts(path, say=said.append, encoding=encoding)
    return pl.concat(table.frame for table in part.tables()), said


@pytest.mark.parametrize(
    "encoding", [*LONG, "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"]
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_file_is_read_and_its_encoding_said(tmp_path: Path, encoding: str, line_end: str) -> None:
    first, cell = (
        ("Número", "São") if encoding.startswith(("utf", "latin")) else LONG[encoding][0].split(",")[:2]
    )
    path = tmp_path / "flights.csv"
    text = f"{first},b\n{cell},1\n{cell},2\n"
    path.write_bytes(text.replace("\n", line_end).encode(encoding))
    frame, said = read(path)
    assert frame.rows() == [(cell, "1", 2), (cell, "2", 3)]
    assert frame.columns == [first, "b", "row"]
    assert [sentence.startswith(f"{path}: the text is not UTF-8; it is read as ") for sentence in said] == (
        [] if encoding.startswith("utf-8") else [True]
    )


def test_an_encoding_that_is_given_is_held_to(tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    path.write_bytes("Zeit,Größe\n1,2\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"not utf-8, byte 8; wanted: the encoding of the file"):
        read(path, "utf-8")
    frame, said = read(path, "cp1252")
    assert (frame.columns, said) == (["Zeit", "Größe", "row"], [])
    with pytest.raises(DataError, match="no encoding 'klingon'"):
        read(path, "klingon")


def test_a_line_that_is_not_utf_8_is_read_for_itself(tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    path.write_bytes("a,b\nSão,1\nMálaga,2\n".encode() + "Köln,3\n".encode("latin-1"))
    frame, said = read(path)
    assert frame["a"].to_list() == ["São", "Málaga", "Köln"]
    assert said == [f"{path}: some lines are not UTF-8; they are read as Windows-1252"]


def test_characters_may_lie_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("puntual.data.opening.BLOCK_BYTES", 7)
    for encoding in ("utf-8", "gb18030", "utf-16-le"):
        path = tmp_path / encoding
        path.write_bytes(("航班,机场\r\n" + "CZ6100,北京首都\r\n" * 50).encode(encoding))
        frame, _ = read(path)
        assert frame["机场"].to_list() == ["北京首都"] * 50
        assert frame["row"].to_list() == list(range(2, 52))
