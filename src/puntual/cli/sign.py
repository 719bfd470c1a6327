"""`puntual sign`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from puntual.console import note, print_line


def sign(
    model: Annotated[
        Path | None,
        typer.Argument(metavar="[MODEL]", help="A file from `puntual train`.", show_default=False),
    ] = None,
    *,
    key: Annotated[Path | None, typer.Option(help="The private key, a PEM file.", show_default=False)] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write; by default the model's own.", show_default=False),
    ] = None,
    new_key: Annotated[
        Path | None,
        typer.Option(help="Write a new private key there, and print the public one.", show_default=False),
    ] = None,
) -> None:
    """Sign a model, so that a server with PUNTUAL_TRUSTED_KEYS takes it; or make the key for that."""
    from puntual.access.signatures import create_signing_key
    from puntual.errors import ArtifactError, SettingError
    from puntual.files import atomic_file
    from puntual.inference.artifact import read_model_file, sign_model, unpack_artifact

    if new_key is not None:
        print_line(create_signing_key(new_key))
        note(f"{new_key}: keep it where models are signed; the line above is for PUNTUAL_TRUSTED_KEYS")
        return
    if model is None or key is None:
        raise SettingError("sign: missing; wanted: MODEL with --key FILE, or --new-key FILE")
    data = read_model_file(model)
    unpack_artifact(data, str(model))
    signed, signature = sign_model(data, str(model), key)
    target = output or model
    try:
        with atomic_file(target) as temporary:
            temporary.write_bytes(signed)
    except OSError as error:
        raise ArtifactError(str(target), f"cannot be written: {error.strerror}") from error
    note(f"{target}: signed with {signature.key}")
