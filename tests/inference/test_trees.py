"""Trees are what they seem before LightGBM reads them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import lightgbm
import msgspec
import numpy as np
import pytest

from puntual.errors import ArtifactError
from puntual.inference import trees
from puntual.inference.artifact import Artifact, read_artifact, write_artifact
from puntual.inference.calibration import Platt
from puntual.inference.cancellation import Cancellation
from puntual.inference.scorer import Scorer
from puntual.inference.trees import MAX_DEPTH, check_trees
from puntual.models.ensemble import fit_ensemble
from tests.flights import random_rows

WIDTH = random_rows(1, seed=1).shape[1]


@pytest.fixture(scope="module")
def text() -> str:
    """Some trees with splits of several kinds: by number, by category, and by whether a value is missing."""
    rows = random_rows(600, seed=3)
    rows[::5, 7:] = np.nan
    late = (rows[:, 0] > 3) | (rows[:, 6] > 300) | np.isnan(rows[:, 8])
    settings = {"objective": "binary", "num_leaves": 8, "verbosity": -1, "min_data_per_group": 5}
    learned = lightgbm.Dataset(rows, late, categorical_feature=[0, 1], params={"verbosity": -1})
    found: str = lightgbm.train(settings, learned, num_boost_round=4).model_to_string()
    assert "num_cat=1" in found
    assert re.search("^threshold=.*inf", found, re.MULTILINE)
    return found


def resized(text: str) -> str:
    """The text with the sizes that its trees have."""
    sizes = [len(tree) for tree in re.findall(r"^Tree=.*?\n\n\n", text, re.MULTILINE | re.DOTALL)]
    return re.sub("^tree_sizes=.*$", f"tree_sizes={' '.join(map(str, sizes))}", text, flags=re.MULTILINE)


def line(name: str, value: str) -> Callable[[str], str]:
    """Puts other values into the first line of that name."""
    return lambda text: re.sub(f"^{name}=.*$", f"{name}={value}", text, count=1, flags=re.MULTILINE)


def first(name: str, value: str) -> Callable[[str], str]:
    """Puts another value into the first place of the first line of that name."""
    return lambda text: re.sub(f"^{name}=\\S+", f"{name}={value}", text, count=1, flags=re.MULTILINE)


def test_what_lightgbm_writes_is_taken(text: str, small_artifact: Artifact) -> None:
    check_trees(text, WIDTH, "model")
    check_trees(small_artifact.without_timetable.booster, len(small_artifact.features), "model")
    rows = random_rows(400, seed=4)
    check_trees(fit_ensemble((rows, rows[:, 6] > 200), trees=4, seed=1).merged().text, WIDTH, "model")
    alike = lightgbm.Dataset(np.zeros((100, 2)), np.arange(100) > 50, params={"verbosity": -1})
    leaves = lightgbm.train({"objective": "binary", "verbosity": -1}, alike, num_boost_round=2)
    assert "num_leaves=1\n" in leaves.model_to_string()
    check_trees(leaves.model_to_string(), 2, "model")


@pytest.mark.parametrize(
    "change",
    [
        *(first("left_child", value) for value in ("1000000", "-1000000", "0", "7", "-9", "x", "1.5", "")),
        *(first("right_child", value) for value in ("1000000", "-2147483648")),
        *(first("split_feature", value) for value in ("1000000", str(WIDTH), "-1")),
        *(first("decision_type", value) for value in ("-1", "12", "300")),
        *(first("leaf_value", value) for value in ("nan", "inf", "1e999", "0x10")),
        *(line("num_leaves", value) for value in ("0", "-1", "7", "9", "2000000000", "8 8")),
        *(line("num_cat", value) for value in ("-1", "7", "2000000000")),
        *(line("cat_boundaries", value) for value in ("0 9", "0 -1", "1 1", "0 1000000", "0")),
        *(line("cat_threshold", value) for value in ("", "-1", "4294967296")),
        *(
            line(name, "")
            for name in ("threshold", "leaf_count", "internal_count", "leaf_weight", "shrinkage")
        ),
        *(first("threshold", value) for value in ("nan", "1e", "infinity")),
        *(line("is_linear", value) for value in ("1", "")),
        *(
            first(name, value)
            for name in ("split_gain", "internal_weight", "leaf_weight")
            for value in ("--1", "n", "ie", "-", ".")
        ),
        line("shrinkage", ""),
        *(line("num_class", value) for value in ("3", "0")),
        *(line("num_tree_per_iteration", value) for value in ("3", "0")),
        *(line("max_feature_idx", value) for value in ("0", "1000000")),
        line("objective", "lambdarank"),
        lambda text: text.replace("num_class=1", "num_class=1\naverage_output", 1),
        lambda text: text.replace("\nis_linear=0", "\nis_linear=0\nis_linear=0", 1),
        lambda text: text.replace("Tree=1", "Tree=7", 1),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("binary", "binary\0", 1),
        lambda text: text.replace("[linear_tree: 0]", "[linear_tree: 1]", 1),
        lambda text: text[: len(text) // 2],
        lambda _: "",
    ],
)
def test_what_it_would_not_write_is_refused(text: str, change: Callable[[str], str]) -> None:
    changed = change(text)
    assert changed != text
    for odd in (changed, resized(changed)):
        with pytest.raises(ArtifactError, match=r"^model: no such trees: .+; wanted: a model in") as caught:
            check_trees(odd, WIDTH, "model")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("sizes", ["1", "-5 9", "0 0 0 0", "9999999999", ""])
def test_sizes_that_trees_do_not_have_are_refused(text: str, sizes: str) -> None:
    with pytest.raises(ArtifactError):
        check_trees(line("tree_sizes", sizes)(text), WIDTH, "model")


def test_a_category_that_there_is_not_is_refused(text: str) -> None:
    """A split by category reads its set by the number that stands as its threshold."""
    tree = next(one for one in text.split("\n\n\n") if "num_cat=1" in one)
    for threshold in ("1", "1000000", "-1", "0.5"):
        kinds, values = (
            re.search(f"^{name}=(.*)$", tree, re.MULTILINE) for name in ("decision_type", "threshold")
        )
        assert kinds
        assert values
        at = [int(kind) & 1 for kind in kinds[1].split()].index(1)
        told = values[1].split()
        told[at] = threshold
        changed = text.replace(tree, line("threshold", " ".join(told))(tree))
        with pytest.raises(ArtifactError, match=f"threshold={threshold}"):
            check_trees(resized(changed), WIDTH, "model")


def chain(splits: int) -> str:
    """A tree every split of which has a leaf to its left."""
    numbers = {
        "split_feature": [0] * splits,
        "split_gain": [1] * splits,
        "threshold": range(splits),
        "decision_type": [2] * splits,
        "left_child": [~leaf for leaf in range(splits)],
        "right_child": [*range(1, splits), ~splits],
        "leaf_value": [1] * (splits + 1),
        "leaf_weight": [1] * (splits + 1),
        "leaf_count": [1] * (splits + 1),
        "internal_value": [1] * splits,
        "internal_weight": [1] * splits,
        "internal_count": range(splits + 1, 1, -1),
    }
    lines = [f"{name}={' '.join(map(str, values))}" for name, values in numbers.items()]
    whole = ["Tree=0", f"num_leaves={splits + 1}", "num_cat=0", *lines, "is_linear=0", "shrinkage=1"]
    head = (
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=0\n"
        "objective=binary sigmoid:1\nfeature_names=a\nfeature_infos=[0:9]\ntree_sizes=0\n\n"
    )
    return resized(head + "\n".join(whole) + "\n\n\nend of trees\n")


def test_depth_has_an_end_that_lightgbm_bears() -> None:
    deep = chain(MAX_DEPTH)
    check_trees(deep, 1, "model")
    scorer = Scorer(deep, 1, Platt(slope=1.0, intercept=0.0))
    assert scorer.raw((1e9,)) == 1.0
    assert scorer.contributions((1e9,))[0] == pytest.approx(0.0)
    with pytest.raises(ArtifactError, match=f"more than {MAX_DEPTH} splits deep"):
        check_trees(chain(MAX_DEPTH + 1), 1, "model")


def test_every_booster_of_a_model_file_is_checked(small_artifact: Artifact, tmp_path: Path) -> None:
    replace, path = msgspec.structs.replace, tmp_path / "model.puntual"
    way, exceedance = small_artifact.without_timetable, small_artifact.exceedance
    bad = first("left_child", "1000000")(way.booster)
    step = replace(exceedance.above[0], booster=bad)
    for changed in (
        replace(small_artifact, without_timetable=replace(way, booster=bad)),
        replace(small_artifact, with_timetable=replace(way, booster=bad)),
        replace(small_artifact, exceedance=replace(exceedance, above=(step, *exceedance.above[1:]))),
        replace(small_artifact, exceedance=replace(exceedance, below=(step,))),
        replace(small_artifact, cancellation=Cancellation(bad, way.calibration, 0.02)),
    ):
        write_artifact(changed, path)
        with pytest.raises(ArtifactError, match=r"model\.puntual: no such trees: "):
            read_artifact(path)


def test_no_changed_trees_end_the_process_that_reads_them(text: str, tmp_path: Path) -> None:
    path = tmp_path / "trees.txt"
    path.write_text(text)
    command = [sys.executable, "-m", "tests.inference.fuzz_trees", str(path), str(WIDTH), "4000"]
    ran = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=300, cwd=Path(__file__).parents[2]
    )
    assert ran.returncode == 0, ran.stderr
    refused, scored = map(int, ran.stdout.split())
    assert refused > 1000
    assert scored > 100


def test_it_needs_the_standard_library_alone() -> None:
    assert trees.__file__
    imported = re.findall(r"^(?:import|from) (\S+)", Path(trees.__file__).read_text(), re.MULTILINE)
    assert {name.partition(".")[0] for name in imported} <= {*sys.stdlib_module_names, "puntual"}
