package calculator

import (
	"math"

	"weir/analyze/dist"
	"weir/analyze/fixed"
)

// scipyInterval is d.Interval with the t quantile of SciPy 1.10, the reference
// of the vectors. That quantile has a relative error of up to 2e-9, which
// shows, to their tolerance, where a limit nearly cancels.
func scipyInterval(d fixed.Difference, alpha float64) any {
	if math.IsNaN(d.StdErr) {
		return nil
	}
	half := scipyT(alpha/2, d.DF) * d.StdErr
	return pair(d.Value-half, d.Value+half)
}

// scipyT is the t quantile that leaves p above it as cdflib's cdft finds it: a
// search from the Cornish-Fisher expansion by Algorithm R of Bus and Dekker
// (1975), stopped at a relative 1e-8. NaN where the degrees of freedom are none, as of sums that overflow.
func scipyT(p, df float64) float64 {
	if !(df > 0) {
		return math.NaN()
	}
	f := func(t float64) float64 { return dist.StudentTSurvival(t, df) - p }
	x := cornishFisherT(-dist.NormalQuantile(p), df)
	lo, hi := x, x
	for step := math.Max(0.5, 0.5*math.Abs(x)); ; step *= 5 {
		if f(x) > 0 {
			if hi = lo + step; f(hi) <= 0 {
				break
			}
			lo = hi
		} else {
			if lo = hi - step; f(lo) >= 0 {
				break
			}
			hi = lo
		}
	}
	return busDekker(f, lo, hi)
}

// cornishFisherT expands the t quantile about the normal one (Abramowitz and
// Stegun 26.7.5).
func cornishFisherT(z, df float64) float64 {
	y := z * z
	g1 := (y + 1) * z / 4
	g2 := ((5*y+16)*y + 3) * z / 96
	g3 := (((3*y+19)*y+17)*y - 15) * z / 384
	g4 := ((((79*y+776)*y+1482)*y-1920)*y - 945) * z / 92160
	return z + g1/df + g2/(df*df) + g3/(df*df*df) + g4/(df*df*df*df)
}

// busDekker is Algorithm R.
func busDekker(f func(float64) float64, lo, hi float64) float64 {
	b, a := lo, hi
	fb, fa := f(b), f(a)
	c, fc := a, fa
	var d, fd float64
	first, extrapolations := true, 0
	for range 1000 {
		if math.Abs(fc) < math.Abs(fb) {
			if c != a {
				d, fd = a, fa
			}
			a, fa = b, fb
			b, fb = c, fc
			c, fc = a, fa
		}
		tol := 0.5 * math.Max(1e-50, 1e-8*math.Abs(b))
		mb := (c+b)/2 - b
		if math.Abs(mb) <= tol {
			break
		}
		w := mb
		if extrapolations <= 3 {
			tol = math.Copysign(tol, mb)
			p := (b - a) * fb
			q := fa - fb
			if !first {
				fdb := (fd - fb) / (d - b)
				fda := (fd - fa) / (d - a)
				p, q = fda*p, fdb*fa-fda*fb
			}
			first = false
			if p < 0 {
				p, q = -p, -q
			}
			if extrapolations == 3 {
				p *= 2
			}
			switch {
			case p == 0 || p <= q*tol:
				w = tol
			case p < mb*q:
				w = p / q
			}
		}
		d, fd = a, fa
		a, fa = b, fb
		b += w
		fb = f(b)
		switch {
		case fc*fb >= 0:
			c, fc, extrapolations = a, fa, 0
		case w == mb:
			extrapolations = 0
		default:
			extrapolations++
		}
	}
	return b
}
