"""How this machine reaches its packages, handed on to the build of an image; nothing of it stays there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
"""Where Debian keeps those that it trusts; the build finds this machine's there."""
VARIABLES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
PIP = {"index-url", "extra-index-url", "trusted-host", "proxy", "timeout", "default-timeout", "retries"}
"""Of pip's settings, those that say where packages are and how they are reached."""
SUITE = "bookworm"


def build_options(folder: Path) -> list[str]:
    """Mounts for `buildah bud`: the certificates that are trusted here, and pip's settings.

    Parameters
    ----------
    folder : where pip's settings are written
    """
    told = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    settings = pip_settings(told.stdout)
    options = []
    if certificates := certificates_of(os.environ):
        settings["cert"] = CERTIFICATES
        options += ["--volume", f"{certificates}:{CERTIFICATES}:ro"]
    if settings:
        written = folder / "pip.conf"
        written.write_text(
            "[global]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items()), "utf-8"
        )
        options += ["--volume", f"{written}:/etc/pip.conf:ro"]
    return options


def certificates_of(environment: os._Environ[str] | dict[str, str]) -> str | None:
    """The file of certificates that is trusted here, where there is one.

    Examples
    --------
    >>> certificates_of({"SSL_CERT_FILE": "/nowhere.crt"}) != "/nowhere.crt"
    True
    """
    named = [*(environment.get(name, "") for name in VARIABLES), CERTIFICATES]
    return next((path for path in named if path and Path(path).is_file()), None)


def pip_settings(told: str) -> dict[str, str]:
    r"""What `pip config list` says of where packages are; places on this machine's disk are left out.

    Examples
    --------
    >>> pip_settings("global.index-url='https://index.example/simple'\n:env:.find-links='/wheels'\n")
    {'index-url': 'https://index.example/simple'}
    """
    found = {}
    for _, key, value in re.findall(r"^(\S+)\.([\w-]+)='(.*)'$", told.replace("\\n", " "), re.MULTILINE):
        reached = " ".join(word for word in value.split() if not word.startswith("file:"))
        if key in PIP and reached:
            found[key.removeprefix("default-")] = reached
    return found


def mirror() -> list[str]:
    """Where this machine's own apt finds the suite, for `debootstrap`; empty: it knows another one."""
    form = "$(CODENAME) $(COMPONENT) $(REPO_URI)"
    try:
        told = subprocess.run(
            ["apt-get", "indextargets", "--format", form], capture_output=True, text=True, check=False
        )
    except OSError:
        return []
    places = re.findall(rf"^{SUITE} main (https?://\S+)$", told.stdout, re.MULTILINE)
    return places[:1]
