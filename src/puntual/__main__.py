"""`puntual`, or `python -m puntual`: the command line, from its first import on."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; Ctrl-C ends it with 130, while its libraries are loaded too."""
    try:
        from puntual.cli import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
