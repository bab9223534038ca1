package sim

import "math"

// mul is x*y, rounded: the conversion keeps a compiler from fusing it with an
// addition, which would make rows depend on the processor.
func mul(x, y float64) float64 { return float64(x * y) }

// polynomial evaluates c[0] + c[1] x + c[2] x^2 + ... by Horner's rule.
func polynomial(x float64, c []float64) float64 {
	y := c[len(c)-1]
	for i := len(c) - 2; i >= 0; i-- {
		y = mul(y, x) + c[i]
	}
	return y
}

const (
	ln2High = 6.93147180369123816490e-01
	ln2Low  = 1.90821492927058770002e-10
)

var (
	expTerms = []float64{0, 1.66666666666666657415e-01, -2.77777777770155933842e-03,
		6.61375632143793436117e-05, -1.65339022054652515390e-06, 4.13813679705723846039e-08}
	logTerms = []float64{0, 6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01,
		2.222219843214978396e-01, 1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01}
)

// exp is e^x for |x| < 700, by the method of FreeBSD's e_exp.c.
func exp(x float64) float64 {
	k := math.Floor(mul(x, math.Log2E) + 0.5)
	high := x - mul(k, ln2High)
	low := mul(k, ln2Low)
	r := high - low
	c := r - polynomial(mul(r, r), expTerms)
	y := 1 - ((low - mul(r, c)/(2-c)) - high)
	return y * math.Float64frombits(uint64(1023+int64(k))<<52)
}

// log is the natural logarithm of a positive, normal x, by the method of
// FreeBSD's e_log.c.
func log(x float64) float64 {
	fraction, exponent := math.Frexp(x)
	if fraction < math.Sqrt2/2 {
		fraction *= 2
		exponent--
	}
	f, k := fraction-1, float64(exponent)
	s := f / (2 + f)
	r := polynomial(mul(s, s), logTerms)
	half := mul(0.5*f, f)
	return mul(k, ln2High) - ((half - (mul(s, half+r) + mul(k, ln2Low))) - f)
}

var (
	centreTop = []float64{3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
		4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3}
	centreBottom = []float64{1, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3,
		2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3}
	tailTop = []float64{1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
		1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4}
	tailBottom = []float64{1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
		1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9}
)

// quantile is the standard normal quantile of p in [0, 1], by algorithm AS 241
// (Wichura 1988), routine PPND16 without its branch for p < 1.4e-11, where the
// absolute error stays below 1e-4. R: qnorm.
func quantile(p float64) float64 {
	switch {
	case p <= 0:
		return math.Inf(-1)
	case p >= 1:
		return math.Inf(1)
	}
	q := p - 0.5
	if math.Abs(q) <= 0.425 {
		r := 0.180625 - mul(q, q)
		return mul(q, polynomial(r, centreTop)) / polynomial(r, centreBottom)
	}
	r := math.Sqrt(-log(min(p, 1-p))) - 1.6
	return math.Copysign(polynomial(r, tailTop)/polynomial(r, tailBottom), q)
}
