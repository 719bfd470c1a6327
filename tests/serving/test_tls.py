"""TLS: with files that openssl makes, against a real server."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from puntual.errors import SettingError, TargetError
from puntual.loadtest.plan import make_plan
from puntual.loadtest.run import run
from puntual.loadtest.target import read_url
from puntual.serving.ops.tls import check_tls
from puntual.serving.settings import read_settings
from tests.serving.conftest import FLIGHT, PREDICTIONS, serving, until

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="needs openssl")


def make_certificate(folder: Path, name: str = "own", *more: str) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 that signs itself unless more is said, and its key."""
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        [
            *(str(OPENSSL), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-keyout", str(key), "-out", str(cert), "-days", "2", "-subj", f"/CN={name}"),
            *("-addext", "subjectAltName=IP:127.0.0.1", *more),
        ],
        check=True,
        capture_output=True,
    )
    return cert, key


def test_what_cannot_be_served_is_refused_in_one_line(tmp_path: Path) -> None:
    cert, key = make_certificate(tmp_path)
    other, _ = make_certificate(tmp_path, "other")
    check_tls(read_settings({"tls_cert": cert, "tls_key": key, "tls_client_ca": other}, {}))
    text = tmp_path / "text"
    text.write_text("no certificate")
    for files in ((cert, ""), (other, key), (text, key), (tmp_path / "nowhere", key)):
        with pytest.raises(SettingError, match="wanted: ") as refused:
            check_tls(read_settings({"tls_cert": files[0], "tls_key": files[1]}, {}))
        assert "\n" not in str(refused.value)


def test_a_renewed_certificate_is_taken_without_a_failure(model: Path, tmp_path: Path) -> None:
    cert, key = make_certificate(tmp_path)
    new, new_key = make_certificate(tmp_path, "renewed")
    trusted = ssl.create_default_context(cafile=str(cert))
    trusted.load_verify_locations(str(new))

    def subject(port: str) -> str:
        with (
            socket.create_connection(("127.0.0.1", int(port)), timeout=5) as plain,
            trusted.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
        ):
            shown: Any = connection.getpeercert()
            return str(shown["subject"][0][0][1])

    options = ("--tls-cert", str(cert), "--tls-key", str(key))
    with serving(model, *options, verify=trusted) as served:
        assert served.url.startswith("https://127.0.0.1:")
        answered = httpx.post(served.url + PREDICTIONS, json={"flights": [FLIGHT]}, verify=trusted)
        assert answered.status_code == 200
        assert "strict-transport-security" in answered.headers
        assert subject(served.port) == "own"
        new_key.replace(key)
        new.replace(cert)
        trusted.load_verify_locations(str(cert))

        def renewed() -> bool:
            assert httpx.get(f"{served.url}/healthz", verify=trusted).status_code == 200
            return subject(served.port) == "renewed"

        until(renewed)


def test_clients_show_a_certificate_where_one_is_asked_for(model: Path, tmp_path: Path) -> None:
    cert, key = make_certificate(tmp_path)
    authority, authority_key = make_certificate(tmp_path, "authority")
    signed = ("-CA", str(authority), "-CAkey", str(authority_key), "-addext", "basicConstraints=CA:FALSE")
    client, client_key = make_certificate(tmp_path, "client", *signed)
    known = ssl.create_default_context(cafile=str(cert))
    known.load_cert_chain(client, client_key)
    options = ("--tls-cert", str(cert), "--tls-key", str(key), "--tls-client-ca", str(authority))
    with serving(model, *options, verify=known) as served:
        assert httpx.get(f"{served.url}/healthz", verify=known).status_code == 200
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{served.url}/healthz", verify=ssl.create_default_context(cafile=str(cert)))


def test_a_service_over_tls_is_put_under_load(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cert, key = make_certificate(tmp_path)
    with serving(
        model, "--tls-cert", str(cert), "--tls-key", str(key), verify=ssl.create_default_context(cafile=cert)
    ) as served:
        target, plan = read_url(served.url), make_plan({"requests": 20, "connections": 2})
        with pytest.raises(TargetError, match="certificate verify failed") as refused:
            run(target, plan)
        assert "\n" not in str(refused.value)
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        found = run(target, plan)
    assert (found.answered, found.errors) == (20, 0)
    assert found.url.startswith("https://127.0.0.1:")
    assert found.model
