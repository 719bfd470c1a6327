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
    command = [sys.executable, "-m", "pip", "config", "list"]
    settings = pip_settings(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    options = []
    if certificates := certificates_of(os.environ):
        settings["cert"] = CERTIFICATES
        options += ["--volume", f"{certificates}:{CERTIFICATES}:ro"]
    if settings:
        file = folder / "pip.conf"
        lines = ("[global]", *(f"{key} = {value}" for key, value in settings.items()), "")
        file.write_text("\n".join(lines), "utf-8")
        options += ["--volume", f"{file}:/etc/pip.conf:ro"]
    return options


def certificates_of(environment: os._Environ[str] | dict[str, str]) -> str | None:
    """The file of certificates that this machine trusts; None: it has none."""
    named = [*(environment.get(name, "") for name in VARIABLES), CERTIFICATES]
    return next((path for path in named if path and Path(path).is_file()), None)


def pip_settings(listing: str) -> dict[str, str]:
    r"""The settings of `pip config list` for where packages are, without places on this machine's disk.

    Examples
    --------
    >>> pip_settings("global.index-url='https://index.example/simple'\n:env:.find-links='/wheels'\n")
    {'index-url': 'https://index.example/simple'}
    """
    found = {}
    for _, key, value in re.findall(r"^(\S+)\.([\w-]+)='(.*)'$", listing.replace("\\n", " "), re.MULTILINE):
        reached = " ".join(word for word in value.split() if not word.startswith("file:"))
        if key in PIP and reached:
            found[key.removeprefix("default-")] = reached
    return found


def mirror() -> list[str]:
    """Where this machine's own apt finds the suite, for `debootstrap`; empty: it has another suite."""
    command = ["apt-get", "indextargets", "--format", "$(CODENAME) $(COMPONENT) $(REPO_URI)"]
    try:
        listing = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        return []
    return re.findall(rf"^{SUITE} main (https?://\S+)$", listing, re.MULTILINE)[:1]
