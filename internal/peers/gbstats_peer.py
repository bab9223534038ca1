"""The same numbers from gbstats (GrowthBook) beside weir stat.

usage: gbstats_peer.py WEIR

It stands apart from peers.py because gbstats needs an older NumPy than tea-tasting.
"""

import json
import subprocess
import sys

import numpy as np

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


def differs(what, ours, theirs, why):
    print(f"by design {what:57} {ours!r:24} {theirs!r}\n          {why}")


rng = np.random.default_rng(20261125)
variant = rng.integers(0, 2, 900)
latency = rng.lognormal(1, 0.6, 900) * (1 + 0.08 * variant)

# gbstats: absolute and relative effects, the sequential interval.
from gbstats.frequentist.tests import FrequentistConfig, SequentialConfig, SequentialTwoSidedTTest, TwoSidedTTest
from gbstats.models.statistics import SampleMeanStatistic


def gb(values):
    v = np.asarray(values)
    return SampleMeanStatistic(n=len(v), sum=float(v.sum()), sum_squares=float((v * v).sum()))


def sums(values):
    v = np.asarray(values)
    return {"n": len(v), "sum": float(v.sum()), "sum_squares": float((v * v).sum())}


pair = gb(latency[variant == 0]), gb(latency[variant == 1])
given = {"a": sums(latency[variant == 0]), "b": sums(latency[variant == 1]), "alpha": 0.05}
theirs = TwoSidedTTest(*pair, FrequentistConfig(difference_type="absolute")).compute_result()
ours = stat("stats-relative-lift-mean", given)
same("mean: lower limit (gbstats TwoSidedTTest, absolute)", ours["absolute"]["ci"][0], float(theirs.ci[0]))
theirs = TwoSidedTTest(*pair, FrequentistConfig(difference_type="relative")).compute_result()
same("lift: lower limit, by gbstats' convention", ours["relative"]["ci"][0], float(theirs.ci[0]))
differs("lift: lower limit, Weir's own (Fieller)", ours["fieller_z"][0], float(theirs.ci[0]), "Weir inverts the test, so that lift and difference have one p; gbstats' delta interval is symmetric.")
theirs = SequentialTwoSidedTTest(*pair, SequentialConfig(difference_type="absolute", sequential_tuning_parameter=5000)).compute_result()
ours = stat("stats-sequential-gbstats", {**given, "tuning": 5000, "kind": "SampleMeanStatistic"})
same("sequence on pooled means (gbstats SequentialTwoSidedTTest)", ours["absolute"]["ci"][0], float(theirs.ci[0]))

print()
print(f"{failed} numbers are off" if failed else "all numbers agree")
sys.exit(1 if failed else 0)
