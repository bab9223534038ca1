"""Tests of weir.py and of what execute.py finds, on small lakes and on made-up results."""

import copy
import math
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import nbformat
import pytest

import execute
import weir


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    path = tmp_path_factory.mktemp("lake") / "lake"
    weir.command("simulate", scenario="better", sessions=1500, seed=1, lake=path)
    return path, path / "weir.yaml"


@pytest.fixture(scope="module")
def analysis(small: tuple[Path, Path]) -> weir.Analysis:
    return weir.run("analyze", lake=small[0], spec=small[1], as_of="2026-03-14")


def test_run_gives_what_the_command_prints(analysis: weir.Analysis) -> None:
    assert analysis["schema"] == "weir.analysis/1"
    assert weir.metric(analysis, "resolution")["role"] == "goal"
    with pytest.raises(KeyError, match="nothing: the analysis has resolution"):
        weir.metric(analysis, "nothing")


def test_a_failing_command_says_why(tmp_path: Path) -> None:
    with pytest.raises(weir.WeirError, match=r"weir analyze ended with [12]: weir: "):
        weir.run("analyze", lake=tmp_path, spec=tmp_path / "none.yaml")
    with pytest.raises(weir.WeirError, match="no-such-scenario"):
        weir.command("simulate", scenario="no-such-scenario", lake=tmp_path / "x")


def test_gate_is_no_failure_when_it_holds(small: tuple[Path, Path]) -> None:
    assert weir.run("gate", lake=small[0], spec=small[1], as_of="2026-03-14")["schema"] == "weir.decision/1"


def test_lake_has_each_row_once_and_times_in_utc(small: tuple[Path, Path]) -> None:
    lake = weir.lake(small[0])
    want = weir.command("query", "select count(*) from traces", lake=small[0], format="csv").split()[-1]
    assert lake.sql("select count(*) from traces").fetchall() == [(int(want),)]
    first = weir.command("query", "select min(started_at)::text from traces", lake=small[0], format="csv")
    assert str(lake.sql("select min(started_at) from traces").fetchall()[0][0]) in first
    assert len(lake["outcomes"].columns) > 4
    with pytest.raises(KeyError, match="has no labels"):
        lake["labels"]
    with pytest.raises(FileNotFoundError, match=r"manifest\.json is not there"):
        weir.lake(small[0] / "traces")


def test_compare_refuses_another_number(analysis: weir.Analysis) -> None:
    units = analysis["units"]["control"]
    assert len(weir.compare(analysis, {"units.control": units})) == 1
    with pytest.raises(weir.WeirError, match=r"units\.control is \d+ by weir analyze, and"):
        weir.compare(analysis, {"units.control": units + 1})
    with pytest.raises(KeyError, match="nothing at none"):
        weir.compare(analysis, {"metrics.none.control": 0})
    with pytest.raises(weir.WeirError, match="is no number"):
        weir.compare(analysis, {"app": 1})


@pytest.mark.parametrize(
    ("half_width", "places"),
    [(3.5, 1), (0.35, 2), (35, 0), (9.96, 0), (0.0996, 2), (0, 0), (math.nan, 0), (math.inf, 0)],
)
def test_two_digits_of_the_error_decide(half_width: float, places: int) -> None:
    assert weir.decimals(half_width) == places


def made_up(**changes: Any) -> weir.Metric:  # noqa: ANN401
    interval: weir.Interval = {"value": 0.031, "lower": -0.004, "upper": 0.066}
    metric: Any = {
        "name": "resolution", "role": "goal", "kind": "proportion", "good": "up", "unit": "share",
        "absolute": interval, "relative": interval, "test": {**interval, "p_value": 0.1, "p_adjusted": 0.1},
        "margin": {"value": 0.03, "relative": False, "bound": 0.001, "check": "passed"},
        "direction": "unclear", "warnings": [],
    }  # fmt: skip
    return {**metric, **changes}  # type: ignore[typeddict-item]


def test_effect_is_rounded_by_its_error_and_carries_its_unit() -> None:
    assert weir.effect(made_up()) == "+3.1 pp (−0.4 … +6.6)"
    relative = {"value": 0.1, "relative": True, "bound": 0.1, "check": "open"}
    assert weir.effect(made_up(margin=relative)) == "+3.1 % (−0.4 … +6.6)"
    assert weir.effect(made_up(direction="not_estimable")) == "not estimable"
    unknown = {"value": None, "lower": None, "upper": None, "p_value": None, "p_adjusted": None}
    assert weir.effect(made_up(test=unknown)) == "not estimable"


def test_no_mark_is_a_colour_alone() -> None:
    marks = [
        weir.mark(made_up(direction=d, margin={"value": 0.03, "relative": False, "bound": 0, "check": c}))
        for d, c in (("better", "passed"), ("worse", "failed"), ("unclear", "passed"), ("unclear", "open"))
    ]
    assert [glyph for glyph, _ in marks] == ["▲", "▼", "●", "○"]
    assert len({colour for _, colour in marks}) == 4
    assert weir.mark(made_up(direction="not_estimable"))[0] == "✕"


def test_forest_turns_what_is_good_to_the_right_and_hatches_what_is_unknown() -> None:
    result: Any = {"metrics": [
        made_up(), made_up(name="handoff", good="down"), made_up(name="quality", direction="not_estimable"),
        made_up(name="cost", margin={"value": None, "relative": False, "bound": None, "check": "none"}),
    ]}  # fmt: skip
    before = copy.deepcopy(result)
    ax = weir.forest(result)
    assert result == before
    dots = [float(line.get_xdata()[0]) for line in ax.lines if line.get_marker() == "o"]  # type: ignore[index,arg-type]
    assert dots == pytest.approx([0.031 / 0.03, -0.031 / 0.03])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["resolution  ●", "handoff  ●", "quality  ✕"]
    assert [p.get_hatch() for p in ax.patches].count("////") == 1
    plt.close("all")


def notebook(text: str, source: str = "weir.compare(a, {})", plots: int = 2) -> Any:  # noqa: ANN401
    pictures = [nbformat.v4.new_output("display_data", {"image/png": "AA=="}) for _ in range(plots)]
    said = nbformat.v4.new_output("stream", name="stdout", text=text)
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, outputs=[said, *pictures])])


def test_faults_and_drift() -> None:
    assert execute.faults(notebook("x"), 10) == []
    assert execute.faults(notebook("x", source="1", plots=1), execute.MOST_BYTES + 1) == [
        "has fewer than 2 plots", "compares no number with weir analyze", "has 300,001 bytes, more than 300,000",
    ]  # fmt: skip
    assert execute.drift(notebook("x", plots=0), notebook("x", plots=0)) == []
    assert execute.drift(notebook("x", plots=0), notebook("y", plots=0))[-2:] == ["-x", "+y"]
    assert "outputs were" in execute.drift(notebook("x", plots=0), notebook("x", plots=1))[0]
