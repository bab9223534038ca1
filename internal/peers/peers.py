"""The same numbers from other programs: SciPy, statsmodels and tea-tasting beside weir stat.

usage: peers.py WEIR

Each case is one input, given to `weir stat` and to a peer. Where the method is the same the numbers must agree to
1e-6; where a peer's convention differs, the line says how, and the difference is shown and not tested.
"""

import json
import subprocess
import sys

import numpy as np
import scipy.stats as st
import statsmodels.stats.multitest as multitest
import statsmodels.stats.power as power
import statsmodels.stats.proportion as proportion

weir = sys.argv[1]
failed = 0


def stat(method, given):
    done = subprocess.run([weir, "stat", method], input=json.dumps(given), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def same(what, ours, theirs, tolerance=1e-6):
    global failed
    ok = ours is not None and abs(ours - theirs) <= tolerance * max(1, abs(theirs))
    failed += not ok
    print(f"{'ok  ' if ok else 'OFF '} {what:62} {ours!r:24} {theirs!r}")


rng = np.random.default_rng(20261125)
a, b = rng.normal(10, 2, 400), rng.normal(10.4, 3, 250)


# SciPy: Welch's t from raw values.
ours = stat("stats-welch-t", {"a": a.tolist(), "b": b.tolist(), "alpha": 0.05})
welch = st.ttest_ind(b, a, equal_var=False)
interval = welch.confidence_interval(0.95)
same("Welch t: p (scipy ttest_ind)", ours["p_two_sided"], float(welch.pvalue))
same("Welch t: limits", ours["ci"][0], float(interval.low))
same("Welch t: limits", ours["ci"][1], float(interval.high))
far = stat("stats-welch-t", {"a": (a - 30).tolist(), "b": b.tolist(), "alpha": 0.05})
print(f"     far apart: weir p {far['p_two_sided']!r}, scipy {float(st.ttest_ind(b, a - 30, equal_var=False).pvalue)!r}")

# SciPy: ranks with ties; 2 x 2 tables; sample ratio.
x, y = rng.integers(1, 6, 80), rng.integers(1, 6, 70) + (rng.random(70) < 0.3)
ours = stat("stats-mann-whitney", {"a": x.tolist(), "b": y.tolist()})
same("Mann-Whitney: p with ties (scipy mannwhitneyu)", ours["p_asymptotic_cc"], float(st.mannwhitneyu(y, x, method="asymptotic").pvalue))
ours = stat("stats-srm-chi2", {"observed": [5021, 4979], "weights": [0.5, 0.5]})
same("sample ratio: p (scipy chisquare)", ours["p"], float(st.chisquare([5021, 4979]).pvalue))

# statsmodels: two rates, multiplicity, power.
ours = stat("stats-two-proportion", {"x_a": 48, "n_a": 80, "x_b": 56, "n_b": 70, "alpha": 0.05})
low, high = proportion.confint_proportions_2indep(56, 70, 48, 80, method="newcomb")
same("two rates: Newcombe (statsmodels)", ours["ci_newcombe"][0], float(low))
same("two rates: Newcombe", ours["ci_newcombe"][1], float(high))
low, high = proportion.confint_proportions_2indep(56, 70, 48, 80, method="agresti-caffo")
same("two rates: Agresti-Caffo (statsmodels)", ours["ci_agresti_caffo"][0], float(low))
ours = stat("stats-multiple-testing", {"p": [0.001, 0.012, 0.03, 0.04, 0.5]})
for ours_name, theirs_name in [("holm", "holm"), ("bh", "fdr_bh"), ("by", "fdr_by")]:
    theirs = multitest.multipletests([0.001, 0.012, 0.03, 0.04, 0.5], method=theirs_name)[1]
    same(f"adjusted p, {ours_name} (statsmodels multipletests)", ours[ours_name][1], float(theirs[1]))
ours = stat("stats-power", {"solve": "power", "effect_size": 0.2, "n_a": 394, "ratio": 1, "alpha": 0.05, "alternative": "two-sided"})
same("power of a t test (statsmodels TTestIndPower)", ours["power_t"], float(power.TTestIndPower().power(0.2, 394, 0.05, 1)))

# tea-tasting: means, ratios with units as clusters, covariates.
import pyarrow as pa
import tea_tasting as tt

n = 900
variant = rng.integers(0, 2, n)
requests = 1 + rng.poisson(3, n).astype(float)
latency = requests * rng.lognormal(0, 0.6, n) * (1 + 0.08 * variant)
before = latency * 0.5 + rng.normal(0, 1, n)
table = pa.table({"variant": variant, "latency": latency, "requests": requests, "before": before})
peer = tt.Experiment(
    mean=tt.Mean("latency"), ratio=tt.RatioOfMeans("latency", "requests"), cuped=tt.Mean("latency", "before")
).analyze(table)


def arm(i, *columns):
    return np.column_stack([c[variant == i] for c in columns]).tolist()


ours = stat("stats-welch-t", {"a": latency[variant == 0].tolist(), "b": latency[variant == 1].tolist(), "alpha": 0.05})
same("mean: p (tea-tasting Mean)", ours["p_two_sided"], float(peer["mean"].pvalue))
ours = stat("stats-ratio-delta-cluster", {"a": arm(0, latency, requests), "b": arm(1, latency, requests), "alpha": 0.05})
same("ratio of sums, clustered: effect (tea-tasting RatioOfMeans)", ours["absolute"]["estimate"], float(peer["ratio"].effect_size))
same("ratio of sums, clustered: p", ours["tea_tasting"]["p"], float(peer["ratio"].pvalue))
ours = stat("stats-cuped", {"a": arm(0, latency, before), "b": arm(1, latency, before), "alpha": 0.05})
same("CUPED: p (tea-tasting Mean with a covariate)", ours["tea_tasting"]["p"], float(peer["cuped"].pvalue))

print()
print(f"{failed} numbers are off" if failed else "all numbers agree")
sys.exit(1 if failed else 0)
