"""Signed models, models that are tried first, and downloads that go nowhere else."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from puntual.access.signatures import create_signing_key, read_trusted_keys
from puntual.errors import ArtifactError, SettingError
from puntual.inference.artifact import read_artifact, sign_model, unpack_artifact
from puntual.serving.ops import model_trial
from puntual.serving.ops.downloads import PUBLIC, open_url, without_query
from puntual.serving.settings import read_settings
from tests.serving.conftest import serving, until


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    path = tmp_path_factory.mktemp("keys") / "private.pem"
    return path, create_signing_key(path)


def test_a_signed_model_is_the_same_model(model: Path, key: tuple[Path, str]) -> None:
    data = model.read_bytes()
    signed, signature = sign_model(data, "model", key[0])
    assert signature.key == key[1]
    assert unpack_artifact(signed, "model", trusted=[key[1]]) == unpack_artifact(data, "model")
    assert sign_model(signed, "model", key[0])[0] == signed, "signed again, it is the same"
    assert stat.S_IMODE(key[0].stat().st_mode) == 0o600


def test_only_trusted_signatures_are_taken(
    model: Path, another: Path, key: tuple[Path, str], tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    stranger = create_signing_key(other)
    signed, _ = sign_model(model.read_bytes(), "model", key[0])
    by_stranger, _ = sign_model(model.read_bytes(), "model", other)
    borrowed = replant(signed, another.read_bytes())
    for data, trusted in (
        (model.read_bytes(), [key[1]]),
        (by_stranger, [key[1]]),
        (signed, [stranger]),
        (borrowed, [key[1]]),
    ):
        with pytest.raises(ArtifactError, match="sign"):
            unpack_artifact(data, "model", trusted=trusted)
    unpack_artifact(by_stranger, "model", trusted=[key[1], stranger])


def replant(signed: bytes, model: bytes) -> bytes:
    """Another model with the signature of a signed one."""
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(signed)) as bundle:
        signature = bundle.read("signature.json")
    buffer = io.BytesIO(model)
    with zipfile.ZipFile(buffer, "a") as bundle:
        bundle.writestr("signature.json", signature)
    return buffer.getvalue()


def test_keys_may_stand_in_a_file(key: tuple[Path, str], tmp_path: Path) -> None:
    path = tmp_path / "trusted"
    path.write_text(f"# of the release\n{key[1]}\n")
    assert read_trusted_keys(str(path)) == read_trusted_keys(f" {key[1]},") == (key[1],)
    for wrong in ("abc", key[1][:-4], "é"):
        with pytest.raises(SettingError, match="public key"):
            read_trusted_keys(wrong)


def test_a_server_takes_only_what_is_signed(
    model: Path, another: Path, key: tuple[Path, str], tmp_path: Path
) -> None:
    """By the command; an unsigned model that comes later is refused, and the signed one answers on."""
    file = tmp_path / "signed.puntual"
    command = [sys.executable, "-m", "puntual", "sign", str(model), "--key", str(key[0]), "-o", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    name = read_artifact(file).name
    with serving(file, trusted_keys=key[1]) as served:
        assert served.model() == name
        another.replace(file)
        until(lambda: "not signed" in served.ready().get("refused", ""))
        assert served.model() == name
    ended = subprocess.run(
        [sys.executable, "-m", "puntual", "serve", "--model", str(model), "--port", "1"],
        env={"PUNTUAL_TRUSTED_KEYS": key[1]},
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1


KILLED = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"


def test_a_model_that_kills_its_loader_is_refused(model: Path) -> None:
    settings = read_settings({"model": model}, {})
    model_trial.try_model(model.read_bytes(), settings)
    model_trial.try_model(b"no model", settings)  # whoever loads it says why it is refused
    with pytest.raises(ArtifactError, match=signal.SIGSEGV.name):
        model_trial.try_model(b"", settings, [sys.executable, "-c", KILLED])


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/m",
        "http://localhost:1/m",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/m",
    ],
)
def test_downloads_go_to_public_addresses_only(address: str) -> None:
    from urllib.request import Request

    with pytest.raises(ArtifactError, match="PUNTUAL_PRIVATE_DOWNLOADS"):
        open_url(PUBLIC, Request(address))


def test_no_password_is_printed() -> None:
    assert "secret" not in without_query("https://desk:secret@models.example/a@b?x=secret")
