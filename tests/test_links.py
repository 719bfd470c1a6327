"""The documents: every link within the project leads somewhere, and figures given twice are the same."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("docs", "benchmarks", "deploy", "notebooks")
DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *(path for folder in FOLDERS for kind in ("*.md", "*.ipynb") for path in (ROOT / folder).rglob(kind)),
    ]
)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def prose(path: Path) -> str:
    """What a document says, without its code."""
    text = path.read_text("utf-8")
    if path.suffix == ".ipynb":
        cells = nbformat.reads(text, as_version=4).cells  # type: ignore[no-untyped-call]
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """Where a link may lead within a document, as GitHub names its headings."""
    headings = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    plain = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    for link in _LINK.findall(prose(path)):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.is_relative_to(ROOT), link
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_same_figures_are_given_everywhere() -> None:
    """What a model is worth on Santiago and New York; the answers and the notebooks give Santiago's."""
    worth = re.compile(
        r"\| (0[.,]\d{4} ± 0[.,]\d{4}) \| (0[.,]\d{3} ± 0[.,]\d{3}) \| (0[.,]\d{3}) \|$", re.MULTILINE
    )
    english, *others = (
        worth.findall((ROOT / name).read_text("utf-8").replace(".", ","))
        for name in ("README.md", "README.es.md", "docs/evaluation.md", "docs/evaluation.es.md")
    )
    assert others == [english] * 3
    assert len(english) == 8
    answers = (ROOT / "docs" / "respuestas.md").read_text("utf-8").replace("\xa0", " ")
    kept = re.findall(
        r"^\| la del modelo que se guarda.*?\| (0,\d{3} \([^)]*\)) \| (0,\d{3} \([^)]*\)) ",
        answers,
        re.MULTILINE,
    )
    assert len(kept) == 2
    models, api = (
        (ROOT / "notebooks" / name).read_text("utf-8").replace("\xa0", " ")
        for name in ("02_modelos.ipynb", "03_api.ipynb")
    )
    for number in itertools.chain(*english[:2]):
        assert f"| {number} " in answers, number
    for number in itertools.chain(*kept):
        assert f"| {number} |" in models, number
        assert f"| {number} |" in api, number
    for log_loss, _, _ in english[:2]:
        assert log_loss in models


def test_the_answers_give_the_figures_of_the_benchmarks() -> None:
    """Answers a second of each server, and how many times slower it is."""
    answers = (ROOT / "docs" / "respuestas.md").read_text("utf-8")
    measured = (ROOT / "benchmarks" / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| [^|]+ \| ([\d.]+) \| ([\d,]+) \| [\d,]+ \| \d+ \|$", answers, re.MULTILINE)
    assert len(rows) == 7
    for rate, slower in rows:
        assert f"| {rate.replace('.', ',')} | {slower.replace(',', '.')} " in measured, rate
