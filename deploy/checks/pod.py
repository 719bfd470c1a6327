"""Runs the cluster's own pod with Podman, as production describes it, beside a bucket on this machine.

    python -m deploy.checks.pod --model nyc.puntual

It needs the image that `python -m deploy.checks.image --engine podman` built, kubectl, and root. Zones,
probes over HTTP and a network of the pod's own are left out: this machine has none.
"""

from __future__ import annotations

import argparse
import json
import os
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

from deploy.checks.tools import ROOT, differences, report_faults
from deploy.service import ENGINES, IMAGE, START_SECONDS, free_port
from deploy.smoke import check

BUCKET = "gs://models/model.puntual"
NAME = "puntual-pod-0-puntual"
DRAIN_SECONDS = 30
ULIMITS = '[containers]\ndefault_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]\n'
"""What Podman may set as root inside another container."""
LIMITS = "{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}"


@contextmanager
def bucket(content: bytes) -> Iterator[str]:
    """A metadata server and a bucket, at one address; the object needs the metadata server's token."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wants_token = self.path.startswith("/computeMetadata/")
            token = json.dumps({"access_token": "abc", "token_type": "Bearer"}).encode()
            body = token if wants_token else content
            allowed = wants_token or self.headers.get("authorization") == "Bearer abc"
            self.send_response(200 if allowed else 401)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def manifest(port: int, google_address: str) -> str:
    """The Deployment of production with its model, for a machine that has no cluster around it."""
    overlay = ROOT / "deploy" / "gke" / "overlays" / "production"
    command = ["kubectl", "kustomize", str(overlay)]
    built = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    objects: dict[str, Any] = {each["kind"]: each for each in yaml.safe_load_all(built)}
    objects["ConfigMap"]["data"]["PUNTUAL_MODEL"] = BUCKET
    spec = objects["Deployment"]["spec"]["template"]["spec"]
    spec["hostNetwork"] = True
    del spec["topologySpreadConstraints"]
    (container,) = spec["containers"]
    container |= {"image": IMAGE, "imagePullPolicy": "Never"}
    del container["ports"]
    google = {"GCE_METADATA_HOST": google_address, "STORAGE_EMULATOR_HOST": f"http://{google_address}"}
    variables = {"PORT": str(port), **google}
    container["env"] += [{"name": name, "value": value} for name, value in variables.items()]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        container[probe]["httpGet"]["port"] = port
    return str(yaml.safe_dump_all([objects["ConfigMap"], objects["Deployment"]]))


def run(model: Path) -> dict[str, Any]:
    """Start the pod, ask it, end it; what was found."""
    with tempfile.TemporaryDirectory() as folder, bucket(model.read_bytes()) as google_address:
        port, path, config = free_port(), Path(folder) / "pod.yaml", Path(folder) / "containers.conf"
        path.write_text(manifest(port, google_address), "utf-8")
        config.write_text(ULIMITS, "utf-8")
        environment = os.environ | {"CONTAINERS_CONF": str(config)}

        def podman(*words: str) -> str:
            command = (*ENGINES["podman"], *words)
            ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if ended.returncode and words[0] != "inspect":
                raise RuntimeError(ended.stdout + ended.stderr)
            return ended.stdout.strip()

        begun = time.monotonic()
        podman("play", "kube", "--network", "host", str(path))
        try:
            name = check(f"http://127.0.0.1:{port}", START_SECONDS)
            answered = time.monotonic() - begun
            limits = podman("inspect", NAME, "--format", LIMITS)
            begun = time.monotonic()
            podman("stop", "--time", "45", NAME)
            ended = time.monotonic() - begun
            status = podman("inspect", NAME, "--format", "{{.State.ExitCode}}")
        finally:
            podman("play", "kube", "--down", str(path))
    return {
        "model": name,
        "answered_after_s": round(answered, 1),
        "user_readonly_memory_cpus": limits,
        "ended_after_s": round(ended, 1),
        "status": int(status),
    }


def main() -> None:
    """Run the pod; end with 1 if it is not as the manifest describes it."""
    parser = argparse.ArgumentParser(prog="python -m deploy.checks.pod")
    parser.add_argument("--model", type=Path, required=True, help="from `puntual train`")
    options = parser.parse_args()
    try:
        found = run(options.model)
    except OSError as missing:
        sys.exit(f"deploy.checks.pod: {missing}")
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    promised = {"user_readonly_memory_cpus": f"10001:10001 true {512 * 2**20} {10**9}", "status": 0}
    wrong = differences(found, promised)
    if not DRAIN_SECONDS <= found["ended_after_s"] < DRAIN_SECONDS + 10:
        wrong.append(f"ended after {found['ended_after_s']} s, not after its drain of {DRAIN_SECONDS} s")
    report_faults("deploy.checks.pod", wrong)


if __name__ == "__main__":
    main()
