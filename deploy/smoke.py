"""Asks a service for a real prediction, about the flights of its own description's examples.

    python3 deploy/smoke.py https://puntual.example.com

It ends with 0 if the answer is right, else with 1 and a line that says what was wrong. It needs nothing but
Python, so that it runs in any step of a pipeline, and in the image itself. No path that it asks ends in z:
Cloud Run keeps some of those for itself.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.request
from typing import Any

PATIENCE_SECONDS = 60
"""For an address that is new: it is not known everywhere at once."""
ANSWER_SECONDS = 10


class AnswerError(Exception):
    """An answer of the service is wrong; the message holds it."""


def check(url: str, patience: float = PATIENCE_SECONDS) -> str:
    """Ask until the answer is right or the patience (seconds) is over; gives the name of the model.

    Raises
    ------
    AnswerError : the last answer is not what it should be
    """
    end = time.monotonic() + patience
    while True:
        try:
            return _check_once(url.rstrip("/"))
        except (OSError, ValueError, KeyError, TypeError, AnswerError) as error:
            if time.monotonic() > end:
                raise AnswerError(f"{url}: {type(error).__name__}: {error}") from error
            time.sleep(1)


def _check_once(url: str) -> str:
    model = _ask(f"{url}/v1/model")["name"]
    described = _ask(f"{url}/openapi.json")["paths"]["/v1/predictions"]["post"]
    examples = described["requestBody"]["content"]["application/json"]["examples"]
    for example in examples.values():
        flights = example["value"]["flights"]
        answer = _ask(f"{url}/v1/predictions", example["value"])
        if answer["model"] != model or len(answer["predictions"]) != len(flights):
            raise AnswerError(f"{len(flights)} flights asked of {model}, answered: {answer}")
        for prediction in answer["predictions"]:
            if not 0 < prediction["delay_probability"] < 1 or prediction["unknown"]:
                raise AnswerError(f"a flight that the model knows: {prediction}")
    return str(model)


def _ask(address: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    headers = {"content-type": "application/json"}
    if token := os.environ.get("SMOKE_TOKEN"):  # of a service that is not open to everybody
        headers["authorization"] = f"Bearer {token}"
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, sent, headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            content: dict[str, Any] = json.load(answer)
            return content
    except urllib.error.HTTPError as error:
        with error:
            raise AnswerError(f"{error.code} {error.read(500)!r}") from error


def main() -> None:
    """Check the service that the command line names."""
    parser = argparse.ArgumentParser(prog="smoke.py", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("url", help="where the service is")
    parser.add_argument("patience", nargs="?", type=float, default=PATIENCE_SECONDS, help="seconds")
    options = parser.parse_args()
    try:
        model = check(options.url, options.patience)
    except AnswerError as wrong:
        sys.exit(f"smoke: {wrong}")
    sys.stdout.write(f"smoke: {options.url} answers with {model}\n")


if __name__ == "__main__":
    main()
