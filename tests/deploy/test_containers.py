"""The checks of real containers and of JMeter's plan: what they promise, and how they are installed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from deploy.checks import containers, jmeter, surroundings
from deploy.checks.tools import SkippedError
from tests.deploy.conftest import DEPLOY

ROOT = DEPLOY.parent


def test_jmeters_samples_are_held_to_the_plan(tmp_path: Path) -> None:
    right = jmeter.Samples(50_000, 0, 1111, 5)
    assert jmeter.faults(right, smoke=False) == []
    wrong = jmeter.Samples(49_000, 2, 1000, 5)
    assert jmeter.faults(wrong, smoke=False) == [
        "2 errors",
        "49,000 samples, not 50,000",
        "1,000.0/s, more than 2% from 1,111.1",
    ]
    assert jmeter.faults(jmeter.Samples(12, 0, 2, 5), smoke=True) == ["12 samples"]


def test_the_build_is_told_where_packages_are(tmp_path: Path) -> None:
    listing = (
        "global.index-url='https://index.example/simple'\n"
        "global.extra-index-url='file:///here https://more.example'\n"
        ":env:.find-links='/wheels'\n"
        ":env:.default-timeout='60'\n"
    )
    assert surroundings.pip_settings(listing) == {
        "index-url": "https://index.example/simple",
        "extra-index-url": "https://more.example",
        "timeout": "60",
    }
    trusted = tmp_path / "trusted.crt"
    trusted.touch()
    assert surroundings.certificates_of({"SSL_CERT_FILE": str(trusted)}) == str(trusted)
    options = surroundings.build_options(tmp_path)
    assert all(option == "--volume" for option in options[::2])
    assert all(option.endswith(":ro") for option in options[1::2])


def test_what_is_installed_is_what_the_checks_ask_for() -> None:
    script = DEPLOY / "checks" / "install.sh"
    subprocess.run(["bash", "-n", str(script)], check=True)
    text = script.read_text("utf-8")
    for package in ("buildah", "podman", "runc", "debootstrap", "haproxy", "default-jre-headless"):
        assert f" {package}" in text
    ended = subprocess.run(
        ["bash", str(script)], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (0, "")
    assert len(ended.stderr.splitlines()) <= 1


def test_ci_makes_every_check() -> None:
    text = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "\nmake test\n" in text
    assert "make test-slow" in text
    assert "make deploy-check" in text
    assert "make containers" in text
    assert list(containers.CHECKS) == ["image", "pod", "cluster", "no-drain", "no-retries", "jmeter"]


def test_a_check_says_what_is_missing_or_wrong(tmp_path: Path) -> None:
    with pytest.raises(SkippedError, match="no nothing here"):
        containers.Check(("deploy.checks.pod",), ("nothing",)).run(tmp_path)
    with pytest.raises(containers.FailedError, match="ended with 1, not 0"):
        containers.Check(("deploy.nothing",), ()).run(tmp_path)
    with pytest.raises(containers.FailedError, match="ended with 1, not 1"):
        containers.Check(("deploy.nothing",), (), finds="failed").run(tmp_path)
