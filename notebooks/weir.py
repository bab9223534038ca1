"""What the notebooks share: Weir's results as typed values, its lake as DuckDB relations, its plots.

Nothing is estimated here. Every interval, p-value and verdict comes from the `weir` command as JSON; the lake
gives raw rows and counts. What cannot be had is None in a result, and is drawn hatched, never as zero.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypedDict, cast, overload

import duckdb
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes

HERE = Path(__file__).resolve().parent
LAKES = HERE / ".lakes"  # where example() makes its lakes; not kept by git

CONTROL = "#5B6673"
TREATMENT = "#0072B2"
BETTER = "#007A5A"
WORSE = "#C44E00"
OPEN = "#767676"
HAIRLINE = "#DDE1E6"

plt.style.use(HERE / "weir.mplstyle")

# --- results -------------------------------------------------------------------------------------------------

Number = float | None
"""A number that cannot be had is None."""

Direction = Literal["better", "worse", "unclear", "not_estimable"]
Check = Literal["passed", "failed", "open", "none"]
Verdict = Literal["promote", "hold", "rollback", "invalid"]


class Arm(TypedDict):
    """A metric's level in one arm, in the metric's unit; missing is a share of the arm's units."""

    value: Number
    std_err: Number
    units: int
    missing: Number


class Interval(TypedDict):
    """An estimate and its two-sided limits at the design's alpha."""

    value: Number
    lower: Number
    upper: Number


class Test(Interval):
    """What a verdict cites: strata weighted by overlap."""

    p_value: Number
    p_adjusted: Number


class Margin(TypedDict):
    """The non-inferiority margin and its one-sided test; relative says that value and bound are shares."""

    value: Number
    relative: bool
    bound: Number
    check: Check


class Naive(TypedDict):
    """What pooling over strata would have said."""

    value: Number
    note: str


class Part(TypedDict):
    """The effect in one part of a breakdown."""

    name: str
    value: Number
    lower: Number
    upper: Number


class Breakdown(TypedDict):
    """A metric's effect by epoch, by age, or by an attribute; unit is that of the effect."""

    by: str
    unit: str
    parts: list[Part]


class _MetricOptional(TypedDict, total=False):
    breakdowns: list[Breakdown]
    judge: dict[str, Any]
    quantile: float


class Metric(_MetricOptional):
    """What the analysis says of one metric."""

    name: str
    role: Literal["goal", "guardrail", "monitor"]
    kind: str
    good: Literal["up", "down"]
    unit: str
    control: Arm
    treatment: Arm
    absolute: Interval
    relative: Interval
    test: Test
    naive: Naive
    margin: Margin
    direction: Direction
    method: str
    warnings: list[str]


class Design(TypedDict):
    """What was compared, and how."""

    unit: str
    kind: str
    strata: int
    method: str
    alpha: float
    why: str


class Excluded(TypedDict):
    """Units that are in no test, by arm, and why."""

    reason: str
    control: int
    treatment: int


class Units(TypedDict):
    """How many units entered."""

    control: int
    treatment: int
    excluded: list[Excluded]


class Decision(TypedDict):
    """The verdict, with its reasons in sentences."""

    verdict: Verdict
    reasons: list[str]
    needs: dict[str, Number] | None


class Analysis(TypedDict):
    """`weir.analysis/1`, as `weir analyze --format json` writes it, as far as the notebooks use it."""

    schema: str
    app: str
    release: str
    control: str
    treatment: str
    design: Design
    units: Units
    health: dict[str, Any]
    metrics: list[Metric]
    warnings: list[str]
    decision: Decision


class Rate(TypedDict):
    """A share of simulated runs and its Monte-Carlo error."""

    value: float
    std_err: float


class AAMetric(TypedDict):
    """How often a metric was called different, at all looks (false_alarms) and at one (fixed), where nothing was."""

    name: str
    role: str
    refused: Rate
    false_alarms: Rate
    fixed: Rate
    coverage: Rate
    p_values: list[int]


class AA(TypedDict):
    """`weir aa`: arms drawn anew on the lake's own units; p_values counts p in twenty equal classes."""

    runs: int
    units: int
    alpha: float
    metrics: list[AAMetric]
    promote: Rate
    rollback: Rate


class Curve(TypedDict):
    """Power by the end of each day, the day of 80 %, and the effect that the horizon shows with 80 %."""

    by_day: list[float]
    days_80: Number
    detectable: Number


class PowerTest(TypedDict):
    """A question asked of one metric: at one look (fixed), and looking every hour (sequential)."""

    metric: str
    question: str
    fixed: Curve
    sequential: Curve


class PowerMetric(TypedDict):
    """A metric as the plan sees it."""

    name: str
    role: str
    unit: str
    level: Number
    effect: Number
    tests: list[PowerTest]


class Power(TypedDict):
    """`weir.power/1`."""

    schema: str
    units_per_day: float
    days: int
    alpha: float
    steps: list[dict[str, float]]
    metrics: list[PowerMetric]
    rule: dict[str, Any]
    doubts: list[str]
    decides: bool


class LookMetric(Interval):
    """A metric at one look of a backtest."""

    relative: bool
    direction: Direction
    check: Check


class Look(TypedDict):
    """What the rule would have seen at one hour."""

    at: str
    share: float
    units: dict[str, int]
    verdict: Verdict
    reasons: list[str]
    metrics: list[LookMetric]


class Backtest(TypedDict):
    """`weir.backtest/1`."""

    schema: str
    metrics: list[dict[str, Any]]
    looks: list[Look]
    end: dict[str, Any] | None


# --- running weir --------------------------------------------------------------------------------------------


class WeirError(RuntimeError):
    """A command of weir that failed; the message is what it said."""


def binary() -> str:
    """Return the path of weir: $WEIR, else bin/weir of this repository, else weir on the path."""
    for candidate in (os.environ.get("WEIR"), str(HERE.parent / "bin" / "weir"), shutil.which("weir")):
        if candidate and os.access(candidate, os.X_OK):
            return candidate
    raise WeirError("weir is not here: run make build, or say where it is in the environment variable WEIR")


def command(name: str, *args: object, **flags: object) -> str:
    """Run a command of weir and return what it printed on standard output.

    A flag as_of="2026-03-15" becomes --as-of 2026-03-15; True is a flag without a value; a list repeats the flag.
    The statuses 3, 4 and 5 of gate are verdicts and no failures.
    """
    line = [binary(), name, *map(str, args)]
    for flag, value in flags.items():
        for one in value if isinstance(value, list | tuple) else [value]:
            line += [f"--{flag.replace('_', '-')}"] if one is True else [f"--{flag.replace('_', '-')}", str(one)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode not in ((0, 3, 4, 5) if name == "gate" else (0,)):
        raise WeirError(f"weir {name} ended with {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


@overload
def run(name: Literal["analyze"], *args: object, **flags: object) -> Analysis: ...
@overload
def run(name: Literal["aa"], *args: object, **flags: object) -> AA: ...
@overload
def run(name: Literal["power"], *args: object, **flags: object) -> Power: ...
@overload
def run(name: Literal["backtest"], *args: object, **flags: object) -> Backtest: ...
@overload
def run(name: Literal["gate", "judge", "label"], *args: object, **flags: object) -> dict[str, Any]: ...


def run(name: str, *args: object, **flags: object) -> Any:
    """Run a command with --format json and return its result: run("analyze", lake="lake", spec="lake/weir.yaml")."""
    text = command(name, *args, **{**flags, "format": "json"})
    try:
        return json.loads(text)
    except json.JSONDecodeError as e:
        raise WeirError(f"weir {name} printed no JSON: {e}") from e


def metric(analysis: Analysis, name: str) -> Metric:
    """Return the metric of that name."""
    for m in analysis["metrics"]:
        if m["name"] == name:
            return m
    raise KeyError(f"{name}: the analysis has {', '.join(m['name'] for m in analysis['metrics'])}")


def at(result: object, path: str) -> object:
    """Return what stands at a dotted path of a result; entries of lists are found by their name or number."""
    here = result
    for step in path.split("."):
        if isinstance(here, list):
            here = next((e for e in here if isinstance(e, dict) and step in (e.get("name"), e.get("by"))), None) or (
                here[int(step)] if step.isdigit() and int(step) < len(here) else None
            )
        elif isinstance(here, dict):
            here = here.get(step)
        if here is None:
            raise KeyError(f"{path}: there is nothing at {step}")
    return here


def compare(analysis: Analysis, here: dict[str, float], *, tolerance: float = 1e-9) -> pd.DataFrame:
    """Hold numbers computed here to those of weir analyze, by their paths; raise where one differs."""
    rows = []
    for path, mine in here.items():
        theirs = at(analysis, path)
        if not isinstance(theirs, int | float):
            raise WeirError(f"{path} is no number: {theirs!r}")
        rows.append({"number": path, "computed here": f"{mine:,.10g}", "weir analyze": f"{theirs:,.10g}"})
        if not math.isclose(mine, theirs, rel_tol=tolerance, abs_tol=1e-12):
            raise WeirError(f"{path} is {theirs!r} by weir analyze, and {mine!r} here")
    return pd.DataFrame(rows).set_index("number")


# --- the lake ------------------------------------------------------------------------------------------------

TABLES = ("traces", "contents", "outcomes", "judgments", "labels", "losses", "events")


@dataclass(frozen=True)
class Lake:
    """A lake, opened by DuckDB in memory: its tables are views, sql() asks, [] gives a table as a relation."""

    path: Path
    connection: duckdb.DuckDBPyConnection
    tables: tuple[str, ...]

    def sql(self, query: str) -> duckdb.DuckDBPyRelation:
        """Return the rows of a query; times are UTC."""
        return self.connection.sql(query)

    def frame(self, query: str) -> pd.DataFrame:
        """Return the rows of a query as a data frame."""
        return cast(pd.DataFrame, self.connection.sql(query).df())

    def __getitem__(self, table: str) -> duckdb.DuckDBPyRelation:
        """Return a table of the lake."""
        if table not in self.tables:
            raise KeyError(f"{self.path} has no {table}, only {', '.join(self.tables)}")
        return self.connection.table(table)


def lake(path: str | Path) -> Lake:
    """Open a lake by its manifest, which lists the live files: each row is there once, also beside a compaction.

    Times become timestamps without a zone, in UTC, so that no extension of DuckDB is needed.
    """
    path = Path(path)
    manifest = path / "manifest.json"
    if not manifest.is_file():
        raise FileNotFoundError(f"{manifest} is not there: is {path} a lake?")
    files: dict[str, list[str]] = {}
    for f in json.loads(manifest.read_text(encoding="utf-8"))["files"]:
        files.setdefault(f["table"], []).append(str(path / f["path"]))
    connection = duckdb.connect()
    tables = tuple(t for t in TABLES if files.get(t))
    for table in tables:
        rows = connection.read_parquet(files[table], hive_partitioning=False, union_by_name=True)
        columns = (
            f'make_timestamp(epoch_us("{name}")) as "{name}"' if "TIME ZONE" in str(kind) else f'"{name}"'
            for name, kind in zip(rows.columns, rows.types, strict=True)
        )
        rows.project(", ".join(columns)).create_view(table)
    return Lake(path, connection, tables)


def example(
    scenario: str, *, sessions: int, seed: int, name: str | None = None, texts: float | None = None
) -> tuple[Path, Path]:
    """Make a lake of simulated traffic whose truth is known, anew; return it and its spec.

    The same arguments give the same rows on every machine.
    """
    path = LAKES / (name or scenario)
    shutil.rmtree(path, ignore_errors=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    flags: dict[str, object] = {} if texts is None else {"texts": texts}
    command("simulate", scenario=scenario, sessions=sessions, seed=seed, lake=path, **flags)
    return path, path / "weir.yaml"


@contextlib.contextmanager
def stand_in(*args: object) -> Iterator[str]:
    """Run `weir sim-upstream` while the block lasts, and give the address at which it listens."""
    line = [binary(), "sim-upstream", "--listen", "127.0.0.1:0", *map(str, args)]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as process:
        try:
            said = process.stderr.readline() if process.stderr else ""
            _, found, address = said.strip().partition("listens on ")
            if not found:
                raise WeirError(f"weir sim-upstream did not start: {said.strip()}")
            yield address
        finally:
            process.terminate()


# --- words ---------------------------------------------------------------------------------------------------


def decimals(half_width: float) -> int:
    """Return the decimals that leave two significant digits of an interval's half-width."""
    if not half_width or not math.isfinite(half_width):
        return 0
    return max(0, 1 - math.floor(math.log10(float(f"{half_width:.1e}"))))


def _scale(unit: str, relative: bool) -> tuple[float, str]:
    if relative:
        return 100, " %"
    return (100, " pp") if unit == "share" else (1, f" {unit}" if unit else "")


def shown(m: Metric) -> tuple[Interval, bool]:
    """Return the interval that a metric is shown by, on its margin's scale, and whether that is relative."""
    relative = m["margin"]["relative"] and m["margin"]["check"] != "none"
    if relative:
        return m["relative"], True
    return (m["absolute"], False) if m["kind"] == "quantile" else (m["test"], False)


def effect(m: Metric) -> str:
    """Write the effect with its interval, rounded by its error: +4.6 pp (+1.7 … +7.8)."""
    interval, relative = shown(m)
    value, lower, upper = interval["value"], interval["lower"], interval["upper"]
    if m["direction"] == "not_estimable" or value is None:
        return "not estimable"
    factor, unit = _scale(m["unit"], relative)
    if lower is None or upper is None:
        return f"{factor * value:+.3g}{unit} (open)".replace("-", "−")
    places = decimals(factor * (upper - lower) / 2)
    numbers = [f"{factor * x:+.{places}f}" for x in (value, lower, upper)]
    return f"{numbers[0]}{unit} ({numbers[1]} … {numbers[2]})".replace("-", "−")


def mark(m: Metric) -> tuple[str, str]:
    """Return the glyph and the colour of a metric: never colour alone."""
    if m["direction"] == "not_estimable":
        return "✕", OPEN
    if m["direction"] == "worse" and m["margin"]["check"] != "passed":
        return "▼", WORSE
    if m["direction"] == "better":
        return "▲", BETTER
    if m["margin"]["check"] == "passed":
        return "●", TREATMENT
    return "○", OPEN


def table(analysis: Analysis) -> pd.DataFrame:
    """Return a row a metric: both levels, the effect, whether it is within its margin, and what is proven."""
    words = {"passed": "yes", "failed": "no", "open": "open", "none": ""}
    rows = [
        {
            "": mark(m)[0],
            "metric": m["name"],
            "role": m["role"],
            analysis["control"]: m["control"]["value"],
            analysis["treatment"]: m["treatment"]["value"],
            "effect": effect(m),
            "within": words[m["margin"]["check"]],
            "direction": m["direction"].replace("_", " "),
        }
        for m in analysis["metrics"]
    ]
    return pd.DataFrame(rows).set_index("metric")


# --- plots ---------------------------------------------------------------------------------------------------


def forest(analysis: Analysis, ax: Axes | None = None, *, metrics: Sequence[str] | None = None) -> Axes:
    """Draw every metric on one axis, in units of its own margin, good to the right.

    Right of −1 is non-inferior, right of 0 is better, wholly left of −1 is harm. Metrics without a margin have no
    place on this axis and are left out; what cannot be estimated is hatched, with the reason.
    """
    chosen = [
        m
        for m in analysis["metrics"]
        if m["margin"]["check"] != "none" and m["margin"]["value"] and (metrics is None or m["name"] in metrics)
    ]
    if ax is None:
        _, ax = plt.subplots(figsize=(8.6, 0.9 + 0.42 * len(chosen)))
    reach = 3.0
    ax.axvspan(-1, 0, color="#F7F8FA", zorder=0)
    for at, style in ((-1.0, (0, (4, 3))), (0.0, "solid")):
        ax.axvline(at, color=CONTROL, linewidth=1, linestyle=style, zorder=1)
    for row, m in enumerate(chosen):
        _, colour = mark(m)
        interval, _ = shown(m)
        value, lower, upper = interval["value"], interval["lower"], interval["upper"]
        unit = (m["margin"]["value"] or 1.0) * (1 if m["good"] == "up" else -1)
        if m["direction"] == "not_estimable" or value is None:
            ax.barh(
                row, 2 * reach, left=-reach, height=0.5, facecolor="none", edgecolor=OPEN, hatch="////", linewidth=0
            )
        else:
            ends = sorted(
                max(-reach, min(reach, e / unit))
                for e in (lower if lower is not None else -math.inf, upper if upper is not None else math.inf)
            )
            ax.plot(ends, [row, row], color=colour, linewidth=2.2, zorder=3)
            ax.plot(value / unit, row, marker="o", markersize=6.5, color=colour, zorder=4)
            if (bound := m["margin"]["bound"]) is not None and abs(bound / unit) < reach:
                ax.plot([bound / unit] * 2, [row - 0.18, row + 0.18], color=colour, linewidth=2.2, zorder=3)
        ax.text(reach + 0.12, row, effect(m), va="center", fontsize=9)
    ax.set_yticks(range(len(chosen)), [f"{m['name']}  {mark(m)[0]}" for m in chosen])
    ax.set_ylim(len(chosen) - 0.5, -0.6)
    ax.set_xlim(-reach, reach)
    ax.set_xticks([-2, -1, 0, 1, 2], ["−2", "−1\nmargin", "0\nno change", "+1", "+2"])
    ax.set_xlabel("in units of each metric's margin; good to the right")
    ax.tick_params(left=False)
    ax.grid(axis="y", visible=False)
    ax.spines["left"].set_visible(False)
    return ax


def ecdf(values: dict[str, pd.Series], ax: Axes | None = None, *, unit: str) -> Axes:
    """Draw one empirical distribution a version, on a log axis, with ticks at p50, p95 and p99."""
    if ax is None:
        _, ax = plt.subplots(figsize=(8, 4.2))
    for (version, series), colour, style in zip(values.items(), (CONTROL, TREATMENT), ("--", "-"), strict=False):
        ax.ecdf(series.dropna().to_numpy(), color=colour, linestyle=style, label=version)
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter("{x:g}")
    ax.set_yticks([0, 0.5, 0.95, 0.99], ["0", "p50", "p95", "p99"])
    ax.set_xlabel(f"{unit}, log scale")
    ax.legend()
    return ax


def sequence(backtest: Backtest, name: str, ax: Axes | None = None) -> Axes:
    """Draw a metric's interval look by look, good to the right of nothing: up is the metric's own good side.

    Vertical hairlines are the ramp's steps, with their share; the dashed line is the margin.
    """
    position = [m["name"] for m in backtest["metrics"]].index(name)
    about = backtest["metrics"][position]
    sign = 1 if about["good"] == "up" else -1
    rows = [(pd.Timestamp(look["at"]), look["share"], look["metrics"][position]) for look in backtest["looks"]]
    known = [(at, m) for at, _, m in rows if None not in (m["value"], m["lower"], m["upper"])]
    if ax is None:
        _, ax = plt.subplots()
    factor, unit = _scale(about["unit"], bool(known and known[0][1]["relative"]))
    times = [at for at, _ in known]
    bands = [sorted(sign * factor * e for e in (cast(float, m["lower"]), cast(float, m["upper"]))) for _, m in known]
    ax.fill_between(
        cast(Any, times), [b[0] for b in bands], [b[1] for b in bands], color=TREATMENT, alpha=0.18, linewidth=0
    )
    ax.plot(cast(Any, times), [sign * factor * cast(float, m["value"]) for _, m in known], color=TREATMENT)
    ax.axhline(0, color=CONTROL, linewidth=1)
    if margin := about["margin"]["value"]:
        ax.axhline(-factor * margin, color=CONTROL, linewidth=1, linestyle=(0, (4, 3)))
    if bands:
        height = max(abs(e) for b in bands[len(bands) // 4 :] for e in b)
        ax.set_ylim(-1.15 * height, 1.15 * height)
    before = None
    for at, share, _ in rows:
        if share != before:
            ax.axvline(cast(Any, at), color=HAIRLINE, linewidth=1)
            ax.annotate(
                f" {100 * share:.0f} %", (cast(Any, at), 1), xycoords=("data", "axes fraction"), va="top", fontsize=8
            )
        before = share
    ax.set_title(f"{name}: effect and interval at every look")
    ax.set_ylabel(f"effect,{unit or ' own unit'}; good is up")
    ax.tick_params(axis="x", rotation=0)
    return ax
