"""`python -m puntual.serving.trial` loads the model on its standard input as a server would, and ends.

It ends with 0 if the model answers, and with 2 if it is refused; if it harms its process, this one is harmed.
"""

from __future__ import annotations

import sys

from puntual.errors import PuntualError
from puntual.serving.routes import ROUTES
from puntual.serving.settings import read_settings
from puntual.serving.state import LoadedModel


def main() -> None:
    """Load the model."""
    try:
        LoadedModel.load(sys.stdin.buffer.read(), read_settings(), ROUTES)
    except PuntualError:
        sys.exit(2)  # who asked refuses it too, and says why


if __name__ == "__main__":
    main()
