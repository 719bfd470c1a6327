"""The model file: what it holds, and what it refuses."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from puntual.errors import ArtifactError
from puntual.inference import artifact as artifact_module
from puntual.inference import bundle
from puntual.inference.artifact import Artifact, Operations, named, read_artifact, write_artifact
from puntual.inference.calibration import Platt
from puntual.inference.cancellation import Cancellation
from puntual.inference.operations import OPERATIONS
from puntual.inference.operations_predictor import OperationsPredictor
from puntual.inference.predictor import Predictor


@pytest.fixture
def path(small_artifact: Artifact, tmp_path: Path) -> Path:
    target = tmp_path / "model.puntual"
    write_artifact(small_artifact, target)
    return target


def operations_of(artifact: Artifact) -> Operations:
    assert artifact.operations is not None
    return artifact.operations


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def test_what_was_written_is_read(small_artifact: Artifact, path: Path) -> None:
    assert read_artifact(path) == small_artifact


def test_what_knows_the_day_is_read_too(day_artifact: Artifact, tmp_path: Path) -> None:
    write_artifact(day_artifact, tmp_path / "day.puntual")
    assert read_artifact(tmp_path / "day.puntual") == day_artifact


def test_one_without_trees_for_cancellations_is_read(small_artifact: Artifact, tmp_path: Path) -> None:
    for cancellation in (None, Cancellation(None, Platt(slope=0.0, intercept=-3.5), 0.03)):
        artifact = msgspec.structs.replace(small_artifact, cancellation=cancellation)
        write_artifact(artifact, tmp_path / "model.puntual")
        assert read_artifact(tmp_path / "model.puntual") == artifact


def test_one_without_flight_numbers_has_no_part_of_them(
    small_artifact: Artifact, path: Path, tmp_path: Path
) -> None:
    artifact, written = (
        msgspec.structs.replace(small_artifact, flight_numbers=()),
        tmp_path / "without.puntual",
    )
    write_artifact(artifact, written)
    assert set(parts_of(path)) - set(parts_of(written)) == {"flights.json"}
    assert read_artifact(written) == artifact


def test_the_same_artifact_gives_the_same_bytes(small_artifact: Artifact, path: Path, tmp_path: Path) -> None:
    write_artifact(small_artifact, tmp_path / "again.puntual")
    assert (tmp_path / "again.puntual").read_bytes() == path.read_bytes()


def test_it_holds_data_only(path: Path) -> None:
    parts = parts_of(path)
    assert set(parts) == {
        "manifest.json", "with_timetable.txt", "alone.txt", "features.json", "tables.json",
        "calibration.json", "ladder.json", "card.json", "training.json", "rates.json",
        "crossings.json", "days.json", "routes.json", "operations.json", "cancellation.json", "flights.json",
    }  # fmt: skip
    for trees in ("with_timetable.txt", "alone.txt"):
        assert parts.pop(trees).startswith(b"tree\n")
    for data in parts.values():
        json.loads(data)


def test_what_answers_differently_has_another_name(small_artifact: Artifact, day_artifact: Artifact) -> None:
    replace, small, day = msgspec.structs.replace, small_artifact, operations_of(day_artifact)
    otherwise = Platt(slope=0.7, intercept=-0.1)
    answering = [
        replace(small, decision_threshold=0.4),
        replace(small, threshold_minutes=30),
        replace(small, features=small.features[::-1]),
        replace(small, tables=replace(small.tables, origins=("SAEZ",))),
        replace(small, with_timetable=replace(small.with_timetable, calibration=otherwise)),
        replace(small, without_timetable=replace(small.without_timetable, calibration=otherwise)),
        replace(small, without_timetable=replace(small.without_timetable, booster="tree")),
        replace(small, exceedance=replace(small.exceedance, above=small.exceedance.above[1:])),
        replace(small, cancellation=None),
        replace(small, cancellation=Cancellation(small.with_timetable.booster, otherwise, 0.02)),
        replace(small, cancellation=Cancellation(None, otherwise, 0.02)),
        replace(small, training=replace(small.training, base_rate=0.2)),
        day_artifact,
        replace(day_artifact, operations=replace(day, near_minutes=120)),
        replace(day_artifact, operations=replace(day, far=replace(day.far, calibration=otherwise))),
    ]
    names = [named(one).name for one in (small, *answering)]
    assert len({*names}) == len(names)
    assert all(re.fullmatch("scl-[0-9a-f]{12}", name) for name in names)
    told = [replace(small, days=()), replace(small, name="of no matter")]
    assert {named(one).name for one in told} == {names[0]}


def test_the_digest_of_the_file_is_held(small_artifact: Artifact, path: Path) -> None:
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert read_artifact(path, sha256=sha256) == small_artifact
    with pytest.raises(ArtifactError, match=f"its SHA-256 is {sha256}; wanted: {'0' * 64}"):
        read_artifact(path, sha256="0" * 64)


@pytest.mark.parametrize("part", ["alone.txt", "tables.json", "card.json"])
def test_a_changed_part_is_refused(path: Path, part: str) -> None:
    parts = parts_of(path)
    pack(path, parts | {part: parts[part].replace(b"1", b"2", 1)})
    with pytest.raises(ArtifactError, match=f"{part} does not match its digest"):
        read_artifact(path)


def test_an_unknown_format_is_refused(path: Path) -> None:
    parts = parts_of(path)
    manifest = json.loads(parts["manifest.json"]) | {"format": 99}
    pack(path, parts | {"manifest.json": json.dumps(manifest).encode()})
    with pytest.raises(ArtifactError, match=r"model format 99; wanted: format 9"):
        read_artifact(path)


@pytest.mark.parametrize("keep", [0, 1, 100, 0.5, 0.99])
def test_a_truncated_file_is_refused(path: Path, keep: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: keep if isinstance(keep, int) else int(len(data) * keep)])
    with pytest.raises(ArtifactError, match="damaged or not a model"):
        read_artifact(path)


def test_every_flipped_byte_is_refused_or_harmless(small_artifact: Artifact, path: Path) -> None:
    data = path.read_bytes()
    for position in range(0, len(data), max(1, len(data) // 200)):
        path.write_bytes(data[:position] + bytes([data[position] ^ 0x41]) + data[position + 1 :])
        with contextlib.suppress(ArtifactError):
            assert read_artifact(path).without_timetable == small_artifact.without_timetable


HOSTILE: dict[str, Callable[[dict[str, bytes]], dict[str, bytes]]] = {
    "outside": lambda parts: parts | {"../../outside.txt": b"x"},
    "flight numbers are missing": lambda parts: {
        name: parts[name] for name in parts if name != "flights.json"
    },
    "a part is missing": lambda parts: {name: parts[name] for name in parts if name != "tables.json"},
    "no manifest": lambda parts: {name: parts[name] for name in parts if name != "manifest.json"},
    "a manifest of another kind": lambda parts: parts | {"manifest.json": b"[1, 2]"},
    "a deep manifest": lambda parts: parts | {"manifest.json": b'{"format":' + b"[" * 100_000},
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_in_one_line(path: Path, tmp_path: Path, kind: str) -> None:
    pack(path, HOSTILE[kind](parts_of(path)))
    before = sorted(tmp_path.parent.rglob("*"))
    with pytest.raises(ArtifactError) as caught:
        read_artifact(path)
    assert "\n" not in str(caught.value)
    assert sorted(tmp_path.parent.rglob("*")) == before


def one_less(day: Operations) -> Operations:
    return msgspec.structs.replace(day, features=day.features[1:])


def child_beyond(day: Operations) -> Operations:
    trees = re.sub(r"(?<=\nleft_child=)\S+", lambda one: "9" * len(one[0]), day.far.booster, count=1)
    return msgspec.structs.replace(day, far=msgspec.structs.replace(day.far, booster=trees))


def other_minutes(day: Operations) -> Operations:
    fewer = msgspec.structs.replace(day.exceedance, below=())
    return msgspec.structs.replace(day, exceedance=fewer)


def child_beyond_of_a_condition(day: Operations) -> Operations:
    first, *rest = day.exceedance.above
    assert first.booster is not None
    trees = re.sub(r"(?<=\nleft_child=)\S+", lambda one: "9" * len(one[0]), first.booster, count=1)
    above = (msgspec.structs.replace(first, booster=trees), *rest)
    return msgspec.structs.replace(day, exceedance=msgspec.structs.replace(day.exceedance, above=above))


def no_trees_of_cancellation(day: Operations) -> Operations:
    assert day.cancellation is not None
    return msgspec.structs.replace(day, cancellation=msgspec.structs.replace(day.cancellation, booster=""))


def no_trees(day: Operations) -> Operations:
    return msgspec.structs.replace(day, near=msgspec.structs.replace(day.near, booster=""))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (one_less, r"no such trees: max_feature_idx=\d+; wanted: a model in LightGBM's"),
        (child_beyond, "no such trees: tree 0: left_child"),
        (no_trees, "no such trees: "),
        (other_minutes, r"operations\.json: P\(delay > t\) for other t"),
        (child_beyond_of_a_condition, "no such trees: tree 0: left_child"),
        (no_trees_of_cancellation, "no such trees: "),
    ],
)
def test_trees_of_the_day_are_trusted_no_more(
    day_artifact: Artifact, tmp_path: Path, change: Callable[[Operations], Operations], message: str
) -> None:
    other = msgspec.structs.replace(day_artifact, operations=change(operations_of(day_artifact)))
    write_artifact(other, tmp_path / "hostile.puntual")
    with pytest.raises(ArtifactError, match=message) as caught:
        read_artifact(tmp_path / "hostile.puntual")
    assert "\n" not in str(caught.value)


def test_a_damaged_part_of_the_day_is_refused_in_one_line(day_artifact: Artifact, tmp_path: Path) -> None:
    write_artifact(day_artifact, path := tmp_path / "model.puntual")
    parts = parts_of(path)
    manifest = json.loads(parts["manifest.json"])
    for damage in (b"{}", b'"near"', b'{"features": [1]', b"[" * 100_000):
        manifest["parts"]["operations.json"] = hashlib.sha256(damage).hexdigest()
        changed = {"operations.json": damage, "manifest.json": json.dumps(manifest).encode()}
        pack(path, parts | changed)
        with pytest.raises(ArtifactError, match=r"operations\.json: ") as caught:
            read_artifact(path)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (
            ("gusts_tomorrow", *OPERATIONS),
            "features: unknown feature 'gusts_tomorrow'; wanted: a model of this",
        ),
        (("hour", *OPERATIONS[:-1], "mood"), "operations: other values; wanted: a model of this version"),
        (OPERATIONS[::-1], "operations: other values"),
        ((), "operations: other values"),
    ],
)
def test_what_knows_the_day_by_other_values_answers_nothing(
    day_artifact: Artifact, features: tuple[str, ...], message: str
) -> None:
    day = msgspec.structs.replace(operations_of(day_artifact), features=features)
    other = msgspec.structs.replace(day_artifact, operations=day)
    for reader in (OperationsPredictor, Predictor):
        with pytest.raises(ArtifactError, match=message):
            reader(other)


def test_a_model_of_the_schedule_knows_no_day(small_artifact: Artifact) -> None:
    with pytest.raises(ArtifactError, match="scl-000000000000: no model of the operations horizon"):
        OperationsPredictor(small_artifact)


def test_a_zip_bomb_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MAX_PART_BYTES", 2**20)
    pack(path, parts_of(path) | {"alone.txt": b"0" * (2**20 + 1)})
    with pytest.raises(ArtifactError, match=r"alone\.txt is larger than 1 MiB"):
        read_artifact(path)


def test_a_large_file_is_refused_unread(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifact_module, "MAX_FILE_BYTES", 2**20)
    path.write_bytes(b"0" * (2**20 + 1))
    with pytest.raises(ArtifactError, match="larger than 1 MiB"):
        read_artifact(path)


def test_other_things_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="a directory"):
        read_artifact(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ArtifactError, match="pipe: cannot be read: not a regular file"):
        read_artifact(tmp_path / "pipe")
    with pytest.raises(ArtifactError, match="cannot be read: file name too long"):
        read_artifact(tmp_path / ("a" * 300))
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(ArtifactError, match="not a model"):
        read_artifact(tmp_path / "notes.txt")


def test_a_part_that_stands_twice_is_refused(path: Path) -> None:
    buffer = io.BytesIO(path.read_bytes())
    with (
        zipfile.ZipFile(buffer, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr("alone.txt", b"tree")
    path.write_bytes(buffer.getvalue())
    with pytest.raises(ArtifactError, match="twice"):
        read_artifact(path)


def test_a_failed_write_leaves_what_was_there(
    small_artifact: Artifact, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()
    monkeypatch.setattr(
        "os.fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(ArtifactError, match="No space left on device"):
        write_artifact(small_artifact, path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["model.puntual"]
