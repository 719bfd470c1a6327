"""Where the image's parts come from: what is known against them, and which they are."""

from __future__ import annotations

import argparse

from deploy.checks.tools import ROOT, SkippedError, told, tool

LOCK = ROOT / "requirements" / "serving.txt"
SPEC = "1.5"
"""Of CycloneDX: the newest that Artifact Analysis reads."""


def audit(_options: argparse.Namespace) -> list[str]:
    """Known vulnerabilities of the locked packages."""
    options = ("--disable-pip", "--require-hashes", "--strict", "--progress-spinner", "off")
    findings = told(tool("pip-audit"), *options, "--requirement", LOCK)
    if any("could not be audited" in line or "Connection" in line for line in findings):
        raise SkippedError("the package index that is used here tells of no vulnerabilities")
    return findings


def sbom(options: argparse.Namespace) -> list[str]:
    """Writes the bill of materials of the locked packages, the same each time."""
    options.sbom.parent.mkdir(parents=True, exist_ok=True)
    form = ("--output-reproducible", "--spec-version", SPEC, "--output-format", "JSON", "--validate")
    project = ("--pyproject", ROOT / "pyproject.toml", "--mc-type", "application")
    return told(tool("cyclonedx-py"), "requirements", *form, *project, "--output-file", options.sbom, LOCK)
