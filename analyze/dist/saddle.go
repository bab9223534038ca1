package dist

import "math"

// binomialDensity returns Γ(n+1) / (Γ(x+1) Γ(n-x+1)) p^x q^(n-x) for real
// 0 <= x <= n and q = 1 - p, by the saddle point expansion of Loader (2000),
// "Fast and accurate computation of binomial probabilities", which keeps its
// digits where log-gamma functions of 1e8 cancel.
func binomialDensity(x, n, p, q float64) float64 {
	switch {
	case p == 0:
		return indicator(x == 0)
	case q == 0:
		return indicator(x == n)
	case x == 0:
		return math.Exp(n * log1mix(p, q))
	case x == n:
		return math.Exp(n * log1mix(q, p))
	}
	y := n - x
	e := stirlingError(n) - stirlingError(x) - stirlingError(y) - deviance(x, n*p) - deviance(y, n*q)
	return math.Exp(e) * math.Sqrt(n/(2*math.Pi*x*y))
}

// log1mix returns ln q, where q = 1 - p, from whichever of the two is exact.
func log1mix(p, q float64) float64 {
	if p < 0.5 {
		return math.Log1p(-p)
	}
	return math.Log(q)
}

// stirlingError returns ln Γ(x+1) minus Stirling's approximation
// ln(sqrt(2πx) (x/e)^x), for x > 0 (Loader, eq. 2.2).
func stirlingError(x float64) float64 {
	if x < 16 {
		lg, _ := math.Lgamma(x + 1)
		return lg - (x+0.5)*math.Log(x) + x - math.Log(2*math.Pi)/2
	}
	s := 1 / (x * x)
	return (1.0/12 - s*(1.0/360-s*(1.0/1260-s*(1.0/1680-s*(1.0/1188-s*691.0/360360))))) / x
}

// deviance returns x ln(x/m) + m - x for x, m > 0 without cancellation
// (Loader's bd0).
func deviance(x, m float64) float64 {
	d := (x - m) / (x + m)
	if math.Abs(d) >= 0.1 {
		return x*math.Log(x/m) + m - x
	}
	// x ln(x/m) = 2x artanh(d), as a series in d.
	sum := (x - m) * d
	term := 2 * x * d
	for j := 1.0; j < 100; j++ {
		term *= d * d
		next := sum + term/(2*j+1)
		if next == sum {
			break
		}
		sum = next
	}
	return sum
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
