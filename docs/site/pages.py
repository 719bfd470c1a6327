"""The pages of the site: the documents as they stand in the repository, and what they link to."""

from __future__ import annotations

import posixpath
import re
import shutil
import zlib
from collections.abc import Iterable
from pathlib import Path

import mermaidx
import nbformat

LINK = re.compile(r"(?<=\]\()(?!\w+:)([^)\s#]+)(?=[)#])")
FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
MERMAID = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DRAWINGS = "drawing-"
COPIED = {".svg", ".png", ".json"}
LANGUAGES = {".py": "python", ".yaml": "yaml", ".toml": "toml", "": "docker", ".jmx": "xml", ".cfg": "text"}


def write_pages(root: Path, first: Iterable[str], folder: Path) -> None:
    """Write every document that can be reached from the first ones, with links that lead within the site.

    A page lies where its document does. A page shows each file that is neither a document nor a picture.
    """
    waiting = list(first)
    seen = set(waiting)
    while waiting:
        name = waiting.pop()
        target = folder / page_name(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if Path(name).suffix in COPIED:
            shutil.copyfile(root / name, target)
            continue
        text, linked = _lead_links(
            _TEXTS.get(Path(name).suffix, _shown_file)(root / name, target), name, root
        )
        target.write_text(text, "utf-8")
        waiting += linked - seen
        seen |= linked


def page_name(name: str) -> str:
    """Where a file of the repository stands among the pages."""
    return name if Path(name).suffix in COPIED | {".md"} else f"{name}.md"


def _lead_links(text: str, name: str, root: Path) -> tuple[str, set[str]]:
    """A page whose links lead to pages, and the files of the repository that they are of."""
    here = posixpath.dirname(name)
    linked = set()

    def lead(link: re.Match[str]) -> str:
        if link[1].startswith(DRAWINGS):
            return link[1]
        path = posixpath.normpath(posixpath.join(here, link[1]))
        path += "/README.md" if (root / path).is_dir() else ""
        linked.add(path)
        return posixpath.relpath(page_name(path), here or ".")

    parts = FENCE.split(text)
    parts[::2] = [LINK.sub(lead, part) for part in parts[::2]]
    return "".join(parts), linked


def _document(path: Path, page: Path) -> str:
    """A document, its drawings made here: Mermaid's own script would be loaded from another host."""
    return MERMAID.sub(lambda drawing: _drawing(drawing[1], page), path.read_text("utf-8"))


def _drawing(mermaid: str, page: Path) -> str:
    svg = str(mermaidx.render(mermaid).svg())
    size = re.search(r'viewBox="0 0 (\S+) (\S+)"', svg)
    if size is None:
        raise ValueError(f"{page}: a drawing without a size")
    arrows = "; ".join(line.strip() for line in mermaid.splitlines()[1:])
    return _picture(svg.replace('width="100%"', f'width="{size[1]}" height="{size[2]}"', 1), page, arrows)


def _picture(svg: str, page: Path, shows: str = "") -> str:
    """An SVG in a file of its own, and the Markdown that shows it."""
    name = f"{DRAWINGS}{zlib.crc32(svg.encode()):08x}.svg"
    (page.parent / name).write_text(svg, "utf-8")
    return f"![{shows}]({name})"


def _shown_file(path: Path, _: Path) -> str:
    language = LANGUAGES.get(path.suffix, "text")
    return f"# {path.name}\n\n````{language}\n{path.read_text('utf-8').rstrip()}\n````\n"


def _notebook(path: Path, page: Path) -> str:
    cells = nbformat.read(path, as_version=4).cells  # type: ignore[no-untyped-call]
    return "\n\n".join(text for cell in cells for text in _cell(cell, page))


def _cell(cell: nbformat.NotebookNode, page: Path) -> list[str]:
    if cell.cell_type == "markdown":
        return [str(cell.source)]
    shown = [_output(output.data, page) for output in cell.outputs if "data" in output]
    return [f"```python\n{cell.source}\n```", *shown]


def _output(data: dict[str, str], page: Path) -> str:
    if "image/svg+xml" in data:
        return _picture(data["image/svg+xml"], page)
    for kind in ("text/markdown", "text/html"):
        if kind in data:
            return data[kind]
    return f"```text\n{data['text/plain']}\n```"


_TEXTS = {".md": _document, ".ipynb": _notebook}
