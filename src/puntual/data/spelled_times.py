"""Times as people spell them: names of months in several languages, ``6:05 p. m.``, names of zones."""

from __future__ import annotations

import re

import polars as pl

_AM_PM = r"(?i)([ap])\.?\s*m\b\.?"
_MONTHS = (
    ("Jan", "january enero ene janeiro janvier janv januar janner jan"),
    ("Feb", "february febrero fevereiro fev fevrier fevr février févr februar feber feb"),
    ("Mar", "march marzo março marco mars märz marz mrz mär mar"),
    ("Apr", "april abril abr avril avr apr"),
    ("May", "may mayo maio mai"),
    ("Jun", "june junio junho juin juni jun"),
    ("Jul", "july julio julho juillet juil juli jul"),
    ("Aug", "august agosto ago août aout aug"),
    ("Sep", "september septiembre setiembre setembro septembre sept set sep"),
    ("Oct", "october octubre outubro out octobre oktober okt oct"),
    ("Nov", "november noviembre novembro novembre nov"),
    ("Dec", "december diciembre dic dezembro dez décembre decembre déc dezember dec"),
)
_WEEKDAYS = (
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun "
    "lunes martes miércoles miercoles jueves viernes sábado sabado domingo lun mié mie jue vie sáb sab dom "
    "lundi mardi mercredi jeudi vendredi samedi dimanche montag dienstag mittwoch donnerstag freitag "
    "samstag sonntag mo di mi do fr sa so segunda-feira terça-feira quarta-feira quinta-feira sexta-feira "
    "lunedì martedì mercoledì giovedì venerdì sabato domenica gio ven maandag dinsdag woensdag donderdag "
    "vrijdag zaterdag zondag пн вт ср чт пт сб вс"
)
_WEEKDAY = (
    rf"(?i)(?:(?:^|\s)(?:{'|'.join(_WEEKDAYS.split())})\b[.,]?(?:\s|$)"
    rf"|\s*[(（](?:{'|'.join(_WEEKDAYS.split())}|[月火水木金土日월화수목금토일])\.?[)）]"
    r"|\s*(?:[月火水木金土日]曜日?|(?:周|星期)[一二三四五六日天]|[월화수목금토일]요일))"
)
"""A word that stands apart, a word or a letter in brackets, or a word that only weekdays have."""
_ZONES = {
    name: offset
    for offset, names in {
        "+00:00": "Z UTC GMT WET",
        "+01:00": "CET MEZ WEST",
        "+02:00": "CEST MESZ EET",
        "+03:00": "EEST MSK",
        "+08:00": "HKT SGT",
        "+09:00": "JST KST",
        "+10:00": "AEST",
        "+11:00": "AEDT",
        "+12:00": "NZST",
        "+13:00": "NZDT",
        "-03:00": "BRT",
        "-04:00": "EDT",
        "-05:00": "EST CDT",
        "-06:00": "MDT",
        "-07:00": "MST PDT",
        "-08:00": "PST AKDT",
        "-09:00": "AKST",
        "-10:00": "HST",
    }.items()
    for name in names.split()
}
"""Offsets of the names that one zone of the world has; CST, BST and IST are those of several."""
_FILLING = r"(^|[\s\d])(?:de|del|of|den)\s"


def spell_out(text: pl.Expr, time_format: str) -> pl.Expr:
    """The text of times with its words as ``strptime`` knows them, where the format has any.

    Examples
    --------
    >>> times = pl.DataFrame({"Fecha": ["miércoles, 1 de marzo de 2023", "02-abr.-2023", "3. Dez 2023"]})
    >>> times.select(spell_out(pl.col("Fecha"), "%d %b %Y")).to_series().to_list()
    ['1 Mar 2023', '02-Apr-2023', '3 Dec 2023']
    >>> pl.select(spell_out(pl.lit("2023/03/01(水) 06:05"), "%a %Y/%m/%d %H:%M")).item()
    '2023/03/01 06:05'
    >>> pl.select(spell_out(pl.lit("1/3/2023 6:05 p. m."), "%d/%m/%Y %I:%M %p")).item()
    '1/3/2023 6:05 pm'
    >>> pl.select(spell_out(pl.lit("2023-03-01 06:05 CEST"), "%Y-%m-%d %H:%M%z")).item()
    '2023-03-01 06:05+02:00'
    """
    if "%p" in time_format:
        text = text.str.replace_all(_AM_PM, "${1}m")
    if "%z" in time_format:
        for name, offset in _ZONES.items():
            text = text.str.replace(rf"\s*\(?\b{name}\)?$", offset)
    if re.search("%[abB]", time_format):
        text = text.str.replace(_WEEKDAY, " ").str.strip_chars()
    if re.search("%[bB]", time_format):
        for name, words in _MONTHS:
            any_word = "|".join(words.split())
            text = text.str.replace(rf"(?i)(^|[^\pL])(?:{any_word})\.?($|[^\pL])", f"${{1}}{name}${{2}}")
        text = text.str.replace_all(_FILLING, "${1} ")
        text = text.str.replace_all(r"[.,](\s)", "${1}").str.replace_all(r"\s+", " ")
    return text


def spell_format(time_format: str) -> str:
    """A format without the signs that `spell_out` leaves out.

    Examples
    --------
    >>> spell_format("%d de %B de %Y"), spell_format("%d. %B %Y"), spell_format("%d/%m/%Y")
    ('%d %B %Y', '%d %B %Y', '%d/%m/%Y')
    """
    plain = re.sub(r"%[aA][.,]?\s*", "", time_format)
    if not re.search("%[bB]", time_format):
        return plain
    plain = plain.replace("%b.", "%b")
    return re.sub(r"\s+", " ", re.sub(r"[.,](\s)", r"\1", re.sub(r"\bdel?\s", "", plain)))


def has_words(values: pl.Series) -> bool:
    """Whether texts have words that `spell_out` may change."""
    return bool(values.head(200).str.contains(r"(?i)[a-z]\p{L}|[ap]\.?\s*m\b|\dZ$").any())


def has_weekdays(values: pl.Series) -> bool:
    """Whether most texts name the day of the week."""
    return 2 * int(values.head(200).str.contains(_WEEKDAY).sum()) > len(values.head(200))
