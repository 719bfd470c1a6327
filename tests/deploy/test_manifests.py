"""What deploy/ says fits the service, and each other; with nothing but a reader of YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from puntual.errors import SettingError
from puntual.serving.__main__ import STOP_SECONDS
from puntual.serving.access.gate import check_openness
from puntual.serving.ops.model_source import PATIENCE_SECONDS
from puntual.serving.routes import ROUTES
from puntual.serving.settings import SETTINGS, read_settings
from tests.deploy.conftest import COMPOSE, CONTAINERS, DEPLOY, OBJECTS, POD, read, spec

ROOT = DEPLOY.parent
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
GOOGLE_KEEPS_SECONDS = 600
"""Google's load balancers keep a connection to the service for so long."""
CLOUD_RUN_GRACE_SECONDS = 10
DOCKER_GRACE_SECONDS = 10
GETS = {route.path for route in ROUTES if route.method == "GET"}
VARIABLES = {setting.variable for setting in SETTINGS}
YAML = sorted(path for path in DEPLOY.rglob("*.y*ml") if "node_modules" not in path.parts)


def image_environment() -> dict[str, str]:
    return dict(re.findall(r"\b(PUNTUAL_\w+)=(\S+)", DOCKERFILE))


def environment(container: dict[str, Any]) -> dict[str, str]:
    """What the service finds in a container: the image's own, and what the manifest adds."""
    return image_environment() | {each["name"]: each["value"] for each in container["env"]}


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


@pytest.fixture(params=CONTAINERS)
def served(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The container of each target."""
    return CONTAINERS[request.param]


def test_every_setting_is_one_that_there_is(served: dict[str, Any]) -> None:
    named = {**environment(served), **COMPOSE["services"]["puntual"]["environment"]}
    filled = {name: value for name, value in named.items() if not value.startswith("${")}
    assert read_settings({}, filled).log_format == "json"
    files = [*YAML, DEPLOY / "Dockerfile", *DEPLOY.rglob("*.env")]
    texts = "\n".join(path.read_text("utf-8") for path in files)
    assert set(re.findall(r"PUNTUAL_[A-Z_0-9]+", texts)) <= VARIABLES


def test_each_says_whom_it_answers(served: dict[str, Any]) -> None:
    """The image does not: it listens for other machines, so it would not start."""
    own = image_environment()
    with pytest.raises(SettingError, match="--open"):
        check_openness(read_settings({}, own), own["PUNTUAL_HOST"])
    compose = COMPOSE["services"]["puntual"]
    assert all(port.startswith("127.0.0.1:") for port in compose["ports"])
    for given in (environment(served), compose["environment"]):
        check_openness(read_settings({}, own | given), own["PUNTUAL_HOST"])


def test_the_ports_agree(served: dict[str, Any]) -> None:
    port = served["ports"][0]
    default = read_settings({}, image_environment()).port
    assert port["containerPort"] == default
    assert f"EXPOSE {default}\n" in DOCKERFILE
    assert "PUNTUAL_PORT" not in environment(served), "the platform's PORT would not count"
    (service,) = spec("Service")["ports"]
    assert service["targetPort"] == POD["containers"][0]["ports"][0]["name"]
    routes = spec("HTTPRoute")["rules"]
    backends = {(each["name"], each["port"]) for rule in routes for each in rule.get("backendRefs", [])}
    assert backends == {("puntual", service["port"])}
    let_in = {entry["port"] for rule in spec("NetworkPolicy")["ingress"] for entry in rule["ports"]}
    admin = POD["containers"][0]["ports"][1]["containerPort"]
    assert let_in == {default, admin}
    assert COMPOSE["services"]["puntual"]["ports"] == [f"127.0.0.1:{default}:{default}"]
    (watched,) = read("prometheus/prometheus.yml")["scrape_configs"]
    assert watched["static_configs"] == [{"targets": [f"puntual:{default}"]}]


def test_the_probes_ask_what_there_is(served: dict[str, Any]) -> None:
    probes = {name: probe for name, probe in served.items() if name.endswith("Probe")}
    assert probes["startupProbe"]["httpGet"]["path"] == "/readyz"
    assert probes["livenessProbe"]["httpGet"]["path"] == "/healthz", "a service without a model is not dead"
    for probe in probes.values():
        assert probe["httpGet"]["path"] in GETS
        assert probe["httpGet"]["port"] in {value for port in served["ports"] for value in port.values()}
        assert probe["timeoutSeconds"] <= probe["periodSeconds"]
    start = probes["startupProbe"]
    assert start["periodSeconds"] * start["failureThreshold"] >= PATIENCE_SECONDS + 5, "to fetch the model"
    check = spec("HealthCheckPolicy")["default"]
    assert check["config"]["httpHealthCheck"]["requestPath"] in GETS
    (endpoint,) = spec("PodMonitoring")["endpoints"]
    assert endpoint["path"] in GETS
    assert seconds(endpoint["timeout"]) < seconds(endpoint["interval"])
    admin = {port["name"]: port["containerPort"] for port in POD["containers"][0]["ports"]}[endpoint["port"]]
    assert environment(POD["containers"][0])["PUNTUAL_ADMIN_PORT"] == str(admin), "no metrics for everybody"


def test_the_end_fits_into_what_is_given() -> None:
    drain = int(environment(POD["containers"][0])["PUNTUAL_DRAIN_SECONDS"])
    assert drain + STOP_SECONDS < POD["terminationGracePeriodSeconds"]
    check = spec("HealthCheckPolicy")["default"]
    assert check["checkIntervalSec"] * check["unhealthyThreshold"] + check["timeoutSec"] < drain
    assert check["timeoutSec"] <= check["checkIntervalSec"]
    draining = spec("GCPBackendPolicy")["default"]["connectionDraining"]
    assert draining["drainingTimeoutSec"] <= drain
    on_cloud_run = int(environment(CONTAINERS["cloudrun"])["PUNTUAL_DRAIN_SECONDS"])
    assert on_cloud_run + STOP_SECONDS < CLOUD_RUN_GRACE_SECONDS
    by_itself = int(image_environment()["PUNTUAL_DRAIN_SECONDS"]) + STOP_SECONDS
    assert by_itself < DOCKER_GRACE_SECONDS
    assert by_itself < seconds(COMPOSE["services"]["puntual"]["stop_grace_period"])


def test_connections_are_kept_longer_than_google_keeps_them(served: dict[str, Any]) -> None:
    assert int(environment(served)["PUNTUAL_IDLE_SECONDS"]) > GOOGLE_KEEPS_SECONDS


def test_resources_are_said_and_leave_room(served: dict[str, Any]) -> None:
    limits = served["resources"]["limits"]
    assert limits["cpu"]
    if requests := served["resources"].get("requests"):
        assert set(requests) == set(limits)
        assert requests["memory"] == limits["memory"]
    laptop = COMPOSE["services"]["puntual"]
    for largest, memory in (
        (environment(served)["PUNTUAL_MAX_WORKER_MIB"], limits["memory"]),
        (laptop["environment"]["PUNTUAL_MAX_WORKER_MIB"], laptop["mem_limit"]),
    ):
        assert int(largest) * 1.25 < int(memory.rstrip("Mim")), "killed before it is replaced"


def test_nothing_may_be_more_than_it_needs() -> None:
    (user,) = re.findall(r"^USER (\d+):\d+$", DOCKERFILE, re.MULTILINE)
    assert POD["securityContext"]["runAsUser"] == int(user) > 0
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert POD["automountServiceAccountToken"] is False
    rights = POD["containers"][0]["securityContext"]
    assert rights["readOnlyRootFilesystem"] is True
    assert rights["allowPrivilegeEscalation"] is False
    assert rights["capabilities"] == {"drop": ["ALL"]}
    laptop = COMPOSE["services"]["puntual"]
    assert (laptop["read_only"], laptop["cap_drop"]) == (True, ["ALL"])
    demanded = OBJECTS["Namespace", "puntual"]["metadata"]["labels"]
    assert demanded["pod-security.kubernetes.io/enforce"] == "restricted"


def test_what_refers_to_the_pods_finds_them() -> None:
    labels = spec("Deployment")["template"]["metadata"]["labels"]
    selectors = [
        spec("Deployment")["selector"]["matchLabels"],
        spec("Service")["selector"],
        spec("PodDisruptionBudget")["selector"]["matchLabels"],
        spec("NetworkPolicy")["podSelector"]["matchLabels"],
        spec("PodMonitoring")["selector"]["matchLabels"],
        *(each["labelSelector"]["matchLabels"] for each in POD["topologySpreadConstraints"]),
    ]
    assert all(selector.items() <= labels.items() for selector in selectors)
    assert ("ServiceAccount", POD["serviceAccountName"]) in OBJECTS
    for kind in ("HealthCheckPolicy", "GCPBackendPolicy", "GCPGatewayPolicy"):
        target = spec(kind)["targetRef"]
        assert (target["kind"], target["name"]) in OBJECTS
    listeners = {listener["name"] for listener in spec("Gateway")["listeners"]}
    for name in ("puntual", "puntual-to-https"):
        (parent,) = OBJECTS["HTTPRoute", name]["spec"]["parentRefs"]
        assert parent["name"] == "puntual"
        assert parent["sectionName"] in listeners


def test_the_autoscaler_asks_for_what_there_is(labels: dict[str, set[str]]) -> None:
    target = spec("HorizontalPodAutoscaler")["scaleTargetRef"]
    assert (target["kind"], target["name"]) in OBJECTS
    assert OBJECTS["Deployment", "puntual"]["apiVersion"] == target["apiVersion"]
    assert "replicas" not in spec("Deployment")
    cpu, rate = spec("HorizontalPodAutoscaler")["metrics"]
    assert cpu["resource"]["name"] == "cpu"
    described = rate["object"]["describedObject"]
    assert (described["kind"], described["name"]) in OBJECTS
    assert cpu["resource"]["target"]["averageUtilization"] == int(rate["object"]["target"]["averageValue"])
    component = read("gke/components/metrics-autoscaling/kustomization.yaml")
    (patch,) = yaml.safe_load(component["patches"][0]["patch"])
    _, name, kind = patch["value"]["pods"]["metric"]["name"].split("|")
    assert (name, kind) in {(name, "counter") for name in labels if name.endswith("_total")}
    assert labels[name] == set(), "the adapter wants one series for each pod"


def test_the_alerts_ask_for_what_there_is(labels: dict[str, set[str]]) -> None:
    (group,) = read("prometheus/alerts.yml")["groups"]
    assert len({rule["alert"] for rule in group["rules"]}) == len(group["rules"])
    for rule in group["rules"]:
        for name, matchers in re.findall(r"(puntual_\w+)(?:\{([^}]*)\})?", rule["expr"]):
            assert set(re.findall(r"(\w+)=", matchers)) <= labels[name], rule
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert set(rule["annotations"]) == {"summary", "action"}


def test_every_environment_is_filled_in_the_same_way(overlays: dict[str, list[dict[str, Any]]]) -> None:
    for name, documents in overlays.items():
        objects = {(each["kind"], each["metadata"]["name"]): each for each in documents}
        assert set(OBJECTS) <= {*objects, ("Namespace", "puntual")}
        namespace = "puntual" if name == "production" else f"puntual-{name}"
        assert {each["metadata"].get("namespace", namespace) for each in documents} == {namespace}
        (container,) = objects["Deployment", "puntual"]["spec"]["template"]["spec"]["containers"]
        assert re.search(r"@sha256:[0-9a-f]{64}$", container["image"])
        (source,) = container["envFrom"]
        model = objects["ConfigMap", source["configMapRef"]["name"]]["data"]
        assert set(model) == {"PUNTUAL_MODEL", "PUNTUAL_MODEL_SHA256"}
        hosts = {
            host for each in documents if each["kind"] == "HTTPRoute" for host in each["spec"]["hostnames"]
        }
        assert len(hosts) == 1


def values(node: yaml.Node, under: str = "") -> Iterator[tuple[int, str, str]]:
    """Line, key and text of each number in a file."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from values(value, str(key.value))
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from values(value, under)
    elif re.fullmatch(r"\d+(m|Mi|s)?", str(node.value)):
        yield node.start_mark.line, under, str(node.value)


PLAIN = {
    *("port", "containerPort", "statusCode", "runAsGroup", "fsGroup", "percent", "maxSkew"),
    "timeoutSeconds",
}
"""Keys of numbers that say why by themselves: ports, ids, codes, and what a neighbour explains."""


@pytest.mark.parametrize(
    "path",
    [
        DEPLOY / "cloudrun" / "service.yaml",
        DEPLOY / "compose.yaml",
        *sorted((DEPLOY / "gke" / "base").glob("*.yaml")),
    ],
    ids=lambda path: path.name,
)
def test_a_number_has_its_reason_beside_it(path: Path) -> None:
    """A comment above it, at the most four lines away, or further up where its block begins."""
    lines = path.read_text("utf-8").splitlines()
    for document in yaml.compose_all(path.read_text("utf-8")):
        for line, key, value in values(document):
            near = "\n".join(lines[max(line - 4, 0) : line])
            assert key in PLAIN or "#" in near, f"{path.name}:{line + 1}: {key}: {value} without a reason"


def test_nothing_is_taken_from_a_host_that_is_named() -> None:
    """Images by names that every engine knows; Google's registry only with a placeholder for its place."""
    for path in [*YAML, DEPLOY / "Dockerfile"]:
        text = path.read_text("utf-8")
        for name in re.findall(
            r"(?:image:|name:|newName:|BASE=|_BASE:|FROM)\s*([\w.${}-]+\.[a-z]{2,}/\S+)", text
        ):
            assert re.match(r"(\$\{_REGION\}|REGION)-docker\.pkg\.dev/", name), (path, name)


def test_the_context_holds_what_is_copied_and_little_else() -> None:
    let_in = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE))
    sources = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
    copied = {word for line in sources for word in line.split() if not word.startswith("$")}
    assert copied <= let_in
    assert all((ROOT / word).exists() for word in copied)


def test_the_build_installs_by_hash_and_leaves_no_installer() -> None:
    build, runtime = re.split(r"^FROM \S+ AS runtime$", DOCKERFILE, flags=re.MULTILINE)
    assert build.count("--require-hashes") == 3
    assert "site-packages/*" in runtime
    assert not re.search(r"\bpip3? install\b", runtime)
