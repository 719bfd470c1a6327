"""Runs the cluster's own pod with Podman, as production says it; its bucket is played on this machine.

    python -m deploy.checks.pod --model nyc.puntual

It needs the image that `python -m deploy.checks.image --engine podman` built, kubectl, and root. What this
machine has not is left out: zones, probes over HTTP, a network of the pod's own.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from deploy.checks.image import ENGINES, IMAGE, free_port
from deploy.checks.tools import ROOT
from deploy.smoke import check

BUCKET = "gs://models/model.puntual"
START_SECONDS = 30
ULIMITS = '[containers]\ndefault_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]\n'
"""What Podman may set as root inside another container."""
LIMITS = "{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}"


@contextmanager
def google(content: bytes) -> Iterator[str]:
    """A metadata server and a bucket, at one address; the object is only for who has the token."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            token = self.path.startswith("/computeMetadata/")
            told = json.dumps({"access_token": "abc", "token_type": "Bearer"}).encode() if token else content
            allowed = token or self.headers.get("authorization") == "Bearer abc"
            self.send_response(200 if allowed else 401)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def manifest(port: int, google_at: str) -> str:
    """The Deployment of production with its model, for a machine that has no cluster around it."""
    overlay = ROOT / "deploy" / "gke" / "overlays" / "production"
    built = subprocess.run(
        ["kubectl", "kustomize", overlay], capture_output=True, text=True, check=True
    ).stdout
    objects: dict[str, Any] = {each["kind"]: each for each in yaml.safe_load_all(built)}
    objects["ConfigMap"]["data"]["PUNTUAL_MODEL"] = BUCKET
    spec = objects["Deployment"]["spec"]["template"]["spec"]
    spec["hostNetwork"] = True
    del spec["topologySpreadConstraints"]
    (container,) = spec["containers"]
    container |= {"image": IMAGE, "imagePullPolicy": "Never"}
    del container["ports"]
    where = {
        "PORT": str(port),
        "GCE_METADATA_HOST": google_at,
        "STORAGE_EMULATOR_HOST": f"http://{google_at}",
    }
    container["env"] += [{"name": name, "value": value} for name, value in where.items()]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        container[probe]["httpGet"]["port"] = port
    return str(yaml.safe_dump_all([objects["ConfigMap"], objects["Deployment"]]))


def run(model: Path) -> dict[str, Any]:
    """Start the pod, ask it, end it; what was found."""
    with tempfile.TemporaryDirectory() as folder, google(model.read_bytes()) as google_at:
        port, path, config = free_port(), Path(folder) / "pod.yaml", Path(folder) / "containers.conf"
        path.write_text(manifest(port, google_at), "utf-8")
        config.write_text(ULIMITS, "utf-8")
        podman = (*ENGINES["podman"],)
        environ = os.environ | {"CONTAINERS_CONF": str(config)}

        def call(*words: str) -> str:
            ended = subprocess.run(
                (*podman, *words), env=environ, capture_output=True, text=True, check=False
            )
            if ended.returncode and words[0] != "inspect":
                raise RuntimeError(ended.stdout + ended.stderr)
            return ended.stdout.strip()

        begun = time.monotonic()
        call("play", "kube", "--network", "host", str(path))
        try:
            answers = check(f"http://127.0.0.1:{port}", START_SECONDS)
            asked = time.monotonic() - begun
            name = "puntual-pod-0-puntual"
            limits = call("inspect", name, "--format", LIMITS)
            told = time.monotonic()
            call("stop", "--time", "45", name)
            ended = time.monotonic() - told
            status = call("inspect", name, "--format", "{{.State.ExitCode}}")
        finally:
            call("play", "kube", "--down", str(path))
    return {
        "model": answers,
        "answered_after_s": round(asked, 1),
        "user_readonly_memory_cpus": limits,
        "ended_after_s": round(ended, 1),
        "status": int(status),
    }


def main() -> None:
    """Run the pod; end with 1 where it is not as the manifest says."""
    parser = argparse.ArgumentParser(prog="python -m deploy.checks.pod")
    parser.add_argument("--model", type=Path, required=True, help="from `puntual train`")
    options = parser.parse_args()
    for program in ("podman", "kubectl"):
        if shutil.which(program) is None:
            sys.exit(f"deploy.checks.pod: no {program} here")
    found = run(options.model)
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    wanted = {"user_readonly_memory_cpus": f"10001:10001 true {512 * 2**20} {10**9}", "status": 0}
    wrong = [f"{name}: {found[name]}, not {value}" for name, value in wanted.items() if found[name] != value]
    if not 30 <= found["ended_after_s"] < 40:
        wrong.append(f"ended after {found['ended_after_s']} s, not after PUNTUAL_DRAIN_SECONDS (30)")
    sys.stderr.writelines(f"deploy.checks.pod: {line}\n" for line in wrong)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
