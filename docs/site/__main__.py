"""Builds the site; ``make docs`` calls it.

python -m docs.site [FOLDER]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from docs.site.links import find_faults
from docs.site.pages import write_pages
from docs.site.reference import write_reference

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
FIRST = ("README.md", "README.es.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")


def main() -> int:
    """Build the site into a folder; 1 if something of it leads nowhere or would be loaded from elsewhere."""
    folder = Path(sys.argv[1]) if sys.argv[1:] else ROOT / ".cache" / "docs"
    faults = build(folder)
    if faults:
        sys.stderr.write("\n".join([*faults, ""]))
        return 1
    site = folder / "site"
    sys.stdout.write(f"{site / 'index.html'}; its search needs a server: python -m http.server -d {site}\n")
    return 0


def build(folder: Path) -> list[str]:
    """Build the site anew as ``site`` within a folder; what is wrong with it, a line each."""
    shutil.rmtree(folder, ignore_errors=True)
    pages = folder / "pages"
    documents = (str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))
    write_pages(ROOT, [*FIRST, *documents], pages)
    write_reference(pages / "reference")
    shutil.copyfile(HERE / "style.css", pages / "style.css")
    configuration = (HERE / "mkdocs.yml").read_text("utf-8").replace("{root}", str(ROOT))
    (folder / "mkdocs.yml").write_text(configuration, "utf-8")
    built = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "zensical", "build", "--strict", "-f", folder / "mkdocs.yml"],
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = built.stdout + built.stderr
    if built.returncode or "Warning" in said or "ERROR" in said:
        return [said]
    return find_faults(folder / "site")


if __name__ == "__main__":
    sys.exit(main())
