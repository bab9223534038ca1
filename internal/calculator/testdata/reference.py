"""Writes the vector files beside it: python3 reference.py

SciPy gives the tests, NumPy the moments; betting is the definition of Waudby-Smith and Ramdas (2024), unit by unit.
Written with Python 3.11, NumPy 2.4.6, SciPy 1.17.1.
"""
import itertools
import json
import math
import pathlib

import numpy as np
from scipy import optimize, stats

HERE = pathlib.Path(__file__).parent


def write(name, reference, convention, cases):
    head = json.dumps({"method": name, "reference": reference, "convention": convention}, indent=1)[:-2]
    (HERE / f"{name}.json").write_text(head + ',\n "cases": [\n  ' + ",\n  ".join(map(json.dumps, cases)) + "\n ]\n}\n")


def case(name, given, expected, rel=1e-9, absolute=1e-12):
    return {"name": name, "input": given, "expected": expected, "tolerance": {"rel": rel, "abs": absolute}}


# Sign flips: every assignment of signs, by SciPy; limits by going through shifts with all signs by hand.
def flips(d):
    def p(alternative):
        if len(d) == 1:  # SciPy wants two observations
            return {"two-sided": 1.0, "greater": 1.0 if d[0] <= 0 else .5, "less": 1.0 if d[0] >= 0 else .5}[alternative]
        return stats.permutation_test((np.array(d),), np.mean, permutation_type="samples", n_resamples=np.inf, alternative=alternative).pvalue
    return {"p_two_sided": float(p("two-sided")), "p_greater": float(p("greater")), "p_less": float(p("less"))}


def flip_limit(d, alpha, sign):
    d = sign * np.array(d)
    if 2.0 ** -len(d) > alpha:
        return None
    signs = np.array(list(itertools.product([-1, 1], repeat=len(d))))
    low, high = d.min(), d.max()
    for _ in range(60):
        mid = (low + high) / 2
        sums = signs @ np.abs(d - mid)
        if np.mean(sums >= (d - mid).sum() - 1e-12 * np.abs(d - mid).sum()) > alpha:
            high = mid
        else:
            low = mid
    return float(sign * low)


def sign_flip():
    r = np.random.default_rng(1)
    infinite = lambda x, sign: x if x is not None else ("-Infinity" if sign > 0 else "Infinity")
    cases = []
    for name, d in [
        ("twelve", r.normal(.6, 1, 12).round(3).tolist()),
        ("none on the good side", (-np.abs(r.normal(1, 1, 10))).round(3).tolist()),
        ("ties and zeros", [0, 0, 1, 1, -1, .5, .5, 0, 1, 1, -.5, 1]),
        ("thirds, that rounding must not part", [1 / 3, -1 / 3, 2 / 3, 1 / 3, 0, 1 / 3, -2 / 3, 1, 1 / 3, 1 / 3]),
        ("no difference at all", [0, 0, 0, 0, 0, 0]),
        ("all the same", [.25] * 8),
        ("one", [2.0]),
        ("four: no limit at .05", [1.0, 2.0, 3.0, 4.0]),
    ]:
        span = max(d) - min(d)
        limits = {key: infinite(flip_limit(d, a, s), s) for key, a, s in [("lower", .05, 1), ("upper", .05, -1)]}
        limits["ci"] = [infinite(flip_limit(d, .025, s), s) for s in (1, -1)]
        moments = {"n": len(d), "diff": float(np.mean(d)), "se": float(stats.sem(d)) if len(d) > 1 else None}
        cases.append(case(name, {"differences": d}, {**moments, **flips(d)}))
        cases.append(case(name + ", limits", {"differences": d}, limits, 0, 2e-6 * span + 1e-12))
    a, b = r.normal(0, 1, 16).round(2), r.normal(.4, 1, 16).round(2)
    cases.append(case("pairs", {"a": a.tolist(), "b": b.tolist()}, flips((b - a).tolist())))
    write("stats-sign-flip", "scipy.stats.permutation_test(permutation_type='samples', n_resamples=inf); limits by all signs at each shift",
          "differences are b - a; up to 26 of them; limits to a millionth of the range of the differences; infinite where no p-value is so small", cases)


# Betting on rates: the capital, unit by unit.
def factor(p, m, margin, lam, treated, y):
    x = (1 - p) * (y - m) if treated else -p * (y - m)
    return 1 - lam * (x - p * (1 - p) * margin)


def tuned(p, m, margin):
    def loss(lam):
        out = 0.0
        for treated, weight, rate in [(False, 1 - p, m), (True, p, m + margin / 4)]:
            out -= weight * (rate * math.log(factor(p, m, margin, lam, treated, 1)) + (1 - rate) * math.log(factor(p, m, margin, lam, treated, 0)))
        return out
    most = .95 / ((1 - p) * (1 - m) - p * (1 - p) * margin)
    return optimize.minimize_scalar(loss, bounds=(0, most), method="bounded", options={"xatol": 1e-12}).x


def betting_rates():
    r = np.random.default_rng(2)
    cases = []
    for name, m, margin, shares, rates, hours, alpha in [
        ("rare, equal", .002, .01, [.5], (.002, .002), 40, .05),
        ("rare, small share, then half", .01, .01, [.05, .5], (.01, .008), 40, .05),
        ("at the margin", .005, .01, [.2], (.005, .015), 30, .05),
        ("no event, level 0", 0.0, .01, [.5], (0, 0), 20, .05),
        ("all events", .002, .01, [.5], (1, 1), 3, .05),
        ("alpha .01", .002, .01, [.3], (.002, .001), 60, .01),
    ]:
        lam = [tuned(p, m, margin) for p in shares]
        batches = []
        for h in range(hours):
            s = h * len(shares) // hours
            nb = int(r.binomial(60, shares[s]))
            batches.append([s, 60 - nb, int(r.binomial(60 - nb, rates[0])), nb, int(r.binomial(nb, rates[1]))])

        def course(against):
            out, log = [], 0.0
            for s, na, xa, nb, xb in batches:
                for treated, n, x in [(False, na, xa), (True, nb, xb)]:
                    for y in [1] * x + [0] * (n - x):
                        log += math.log(factor(shares[s], m, against, lam[s], treated, y))
                out.append(log)
            return out
        logs = course(margin)
        p = [math.exp(-max(0.0, max(logs[: i + 1]))) for i in range(hours)]
        first = next((i + 1 for i, x in enumerate(p) if x <= alpha), None)
        reaches = lambda against: max(0.0, max(course(against))) - math.log(1 / alpha)
        low = max(-m, max(((1 - q) * (1 - m) - 1 / l) / (q * (1 - q)) for q, l in zip(shares, lam)) + 1e-9)
        bound = 1.0 if reaches(1.0) < 0 else float(optimize.brentq(reaches, low, 1.0, xtol=1e-13))
        cases.append(case(name, {"level": m, "margin": margin, "pi_b": shares, "batches": batches, "alpha": alpha},
                          {"lambda": lam, "log_capital": logs, "p_running": p, "first_batch_proven": first, "upper_bound": bound}, 2e-6, 1e-6))
    write("stats-betting-rates", "the definition, unit by unit, in Python; lambda by scipy.optimize.minimize_scalar, the bound by brentq",
          "batches are [stratum from 0, n_a, x_a, n_b, x_b] in order of time; capital is looked at after each; first_batch_proven is null where none proves it", cases)


def sums(rows, names):
    rows = np.asarray(rows, float)
    out = {"n": len(rows)}
    for i, x in enumerate(names):
        out[f"{x}_sum"] = float(rows[:, i].sum())
        out[f"{x}_sum_squares"] = float((rows[:, i] ** 2).sum())
        for j in range(i):
            out[f"{names[j]}_{x}_sum_products"] = float((rows[:, i] * rows[:, j]).sum())
    return out


def paired_sums():
    r = np.random.default_rng(3)
    cases = []
    for name, n, shift in [("forty cases", 40, .2), ("three cases", 3, 1.0), ("two cases", 2, .5), ("far from zero", 30, .1)]:
        base = r.normal(1000 if name == "far from zero" else 0, 1, n)
        rows = np.column_stack([base + r.normal(0, .5, n), base + shift + r.normal(0, .5, n)]).round(3)
        t = stats.ttest_rel(rows[:, 1], rows[:, 0])
        d = rows[:, 1] - rows[:, 0]
        ci = t.confidence_interval(.95)
        cases.append(case(name, {"pairs": sums(rows, ["a", "b"])}, {
            "n": n, "mean_a": float(rows[:, 0].mean()), "mean_b": float(rows[:, 1].mean()), "diff": float(d.mean()), "se": float(stats.sem(d)),
            "df": n - 1, "t": float(t.statistic), "p": float(t.pvalue), "ci": [float(ci.low), float(ci.high)]}, 1e-7 if name == "far from zero" else 1e-9))
    write("stats-paired-sums", "scipy.stats.ttest_rel of the rows", "sums over cases of the values under a and b; differences are b - a", cases)


def quantile_strata():
    r = np.random.default_rng(4)
    cases = []
    for name, k, alpha in [("one stratum", 1, .05), ("three strata", 3, .05), ("alpha .1", 2, .1)]:
        z = stats.norm.isf(alpha / 2)
        w = r.dirichlet(np.ones(k))
        arms = {x: r.uniform(500, 900, k) for x in "ab"}
        half = {x: r.uniform(10, 60, (k, 2)) for x in "ab"}
        strata = [{x: {"value": arms[x][i], "lower": arms[x][i] - half[x][i, 0], "upper": arms[x][i] + half[x][i, 1]} for x in "ab"} for i in range(k)]
        value = {x: float(w @ arms[x]) for x in "ab"}
        se = {x: math.sqrt(sum((w[i] * half[x][i].sum() / 2 / z) ** 2 for i in range(k))) for x in "ab"}
        diff, error = value["b"] - value["a"], math.hypot(se["a"], se["b"])
        cases.append(case(name, {"strata": strata, "weights_fixed": w.tolist(), "alpha": alpha}, {
            "a": value["a"], "b": value["b"], "se_a": se["a"], "se_b": se["b"], "diff": diff, "se": error,
            "p": float(2 * stats.norm.sf(abs(diff) / error)), "ci": [diff - z * error, diff + z * error]}))
    write("stats-quantile-strata", "NumPy, scipy.stats.norm", "a quantile's standard error is the length of its interval over 2 z", cases)


def cuped_strata():
    r = np.random.default_rng(5)
    cases = []
    for name, strata, ratio in [("one stratum, mean", 1, False), ("three strata, mean", 3, False), ("two strata, ratio", 2, True)]:
        w = r.dirichlet(np.ones(strata))
        epochs, thetas, estimate, variance = [], [], 0.0, 0.0
        for i in range(strata):
            rows = {}
            for arm, n in [("a", 60), ("b", 40)]:
                x = r.normal(0, 1, n)
                y = 3 + .8 * x + r.normal(0, 1, n) + (.3 if arm == "b" else 0)
                rows[arm] = np.column_stack([y, x])
                if ratio:
                    den = r.integers(1, 6, n)
                    rows[arm] = np.column_stack([y * den, den, x])
            both = np.vstack([rows["a"], rows["b"]])

            def linear(v, reference):  # each unit's part of the figure
                if not ratio:
                    return v[:, 0]
                q = reference[:, 0].sum() / reference[:, 1].sum()
                return q + (v[:, 0] - q * v[:, 1]) / reference[:, 1].mean()
            c = np.cov(linear(both, both), both[:, -1])
            theta = c[0, 1] / c[1, 1]
            thetas.append(float(theta))
            for arm, sign in [("a", -1), ("b", 1)]:
                z = linear(rows[arm], rows[arm]) - theta * (rows[arm][:, -1] - both[:, -1].mean())
                estimate += w[i] * sign * z.mean()
                variance += w[i] ** 2 * z.var(ddof=1) / len(z)
            names = ["num", "den", "x"] if ratio else ["y", "x"]
            epochs.append({"pi_b": .4, **({x: sums(rows[x], names) for x in "ab"} if i % 2 == 0 else {x: rows[x].tolist() for x in "ab"})})
        cases.append(case(name, {"epochs": epochs, "weights_fixed": w.tolist()},
                          {"theta": thetas, "fixed_weights": {"estimate": float(estimate), "se": math.sqrt(variance)}}))
    write("stats-cuped-strata", "NumPy", "theta by stratum over the units of both arms; sums, or rows [y, x], for a ratio [num, den, x]", cases)


sign_flip()
betting_rates()
paired_sums()
quantile_strata()
cuped_strata()
