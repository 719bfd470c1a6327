"""The texts and files of the page."""

from __future__ import annotations

import json
import re

from puntual.inference.catalogue import CATALOGUE
from puntual.serving.http.problems import PROBLEM_TYPES
from puntual.serving.routes import ROUTES
from puntual.statistics.rates import DIMENSIONS
from puntual.training.families import FAMILIES
from tests.page.served import OWN, WEB


def scripts() -> dict[str, str]:
    """Of the first view."""
    return {path.name: path.read_text() for path in WEB.glob("*.js") if path.stem != "docs"}


def views() -> dict[str, str]:
    """The files of the views that come later."""
    paths = [path for path in WEB.glob("*/*") if path.parent.name not in ("messages", "vendor")]
    return {str(path.relative_to(WEB)): path.read_text() for path in paths}


def test_every_text_exists_and_is_used() -> None:
    texts, spanish = (
        json.loads((WEB / f"messages/{language}.json").read_text("utf-8")) for language in ("en", "es")
    )
    assert list(texts) == list(spanish)
    for key, told in texts.items():
        assert sorted(re.findall(r"\{\w+\}", told)) == sorted(re.findall(r"\{\w+\}", spanish[key])), key
    sections = "|".join(sorted({key.split(".")[0] for key in texts}))
    named = re.compile(rf"""["'`]((?:{sections})\.[a-z0-9_.]+)["'`]""")
    sources = "".join([*scripts().values(), *views().values(), (WEB / "index.html").read_text()])
    used = {key for key in named.findall(sources) if not key.endswith((".js", ".css"))}
    counted = {re.sub(r"\.(zero|one|two|few|many|other)$", "", key) for key in texts}
    families = tuple(set(re.findall(rf"`((?:{sections})\.[a-z_]*)\$\{{", sources)))
    assert {key for key in counted if not key.startswith(families)} <= used <= counted
    assert all(any(key.startswith(family) for key in counted) for family in families)
    assert all(f"{key}.other" in texts for key in used if key not in texts)


def test_percentages_are_written_as_each_language_does() -> None:
    written = {"en": r"\d%", "es": "\\d\u00a0%"}
    for name, wanted in (written | {f"docs-{language}": form for language, form in written.items()}).items():
        told = (WEB / f"messages/{name}.json").read_text("utf-8")
        assert len(re.findall(r"\d\s?%", told)) == len(re.findall(wanted, told)), name


def test_everything_of_a_kind_has_a_text() -> None:
    texts = json.loads((WEB / "messages/en.json").read_text("utf-8"))
    kinds = {
        "card.group_": [feature.group for feature in CATALOGUE],
        "card.family_": FAMILIES,
        "delays.by_": DIMENSIONS,
    }
    for family, members in kinds.items():
        assert {f"{family}{member}" for member in members} <= set(texts)


def test_the_description_of_the_api_has_texts_in_both_languages() -> None:
    english, spanish = (
        json.loads((WEB / f"messages/docs-{language}.json").read_text("utf-8")) for language in ("en", "es")
    )
    for key, told in english.items():
        assert sorted(re.findall(r"\{\w+\}", told)) == sorted(re.findall(r"\{\w+\}", spanish[key])), key
    sources = (WEB / "docs.js").read_text() + (WEB / "docs.html").read_text()
    used = set(re.findall(r"""["'`](docs\.[a-z_]+)["'`]""", sources))
    used -= {"docs.css", "docs.js"}
    assert used == {key for key in spanish if key.startswith("docs.")}
    assert used - set(english) == {"docs.introduction"}  # in English, the API describes itself
    described = [route for route in ROUTES if route.answers is not None]
    parameters = {name for route in described for name in (*route.names, *(route.parameters or ()))}
    told_by_the_api = {
        *(f"route.{route.name}" for route in described),
        *(f"parameter.{name}" for name in parameters),
        *(f"problem.{name}" for name in PROBLEM_TYPES),
        "example.one",
        "example.day",
    }
    own = {key for key in spanish if not key.startswith(("docs.", "key."))}
    assert own == told_by_the_api


def test_every_script_is_preloaded_and_nothing_is_inline() -> None:
    html = (WEB / "index.html").read_text()
    assert sorted(re.findall(r'modulepreload" href="([^"]+)"', html)) == sorted(scripts())
    fragments = "".join(source for name, source in views().items() if name.endswith(".html"))
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html + fragments)
    everything = "".join((WEB / name).read_text() for name in OWN) + "".join(
        [*scripts().values(), *views().values()]
    )
    addresses = set(re.findall(r"https?://[^\s\"'<)]+", everything))
    assert addresses <= {"http://www.w3.org/2000/svg"}


def test_first_view_is_light() -> None:
    sizes = [(WEB / name).stat().st_size for name in OWN]
    assert sum(sizes) + sum(len(source.encode()) for source in scripts().values()) < 300 * 1024
