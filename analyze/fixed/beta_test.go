package fixed

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestCompareBetas(t *testing.T) {
	uniform := Beta{1, 1}
	// Beta(1, 1) against Beta(2, 1): P = 2/3, E[(b - a)+] = integral of r^2/2
	// times 2r = 1/4, and E[(a - b)+] = 1/4 - 1/6.
	c := CompareBetas(uniform, uniform.Update(Proportion{1, 1}))
	near(t, "above", c.Above, 2.0/3, 1e-13)
	near(t, "below", c.Below, 1.0/3, 1e-13)
	near(t, "gain", c.Gain, 1.0/4, 1e-13)
	near(t, "loss", c.Loss, 1.0/12, 1e-13)

	jeffreys := Beta{0.5, 0.5}
	near(t, "same belief", CompareBetas(jeffreys, jeffreys).Above, 0.5, 1e-12)

	large := CompareBetas(jeffreys.Update(Proportion{5e6, 1e7}), jeffreys.Update(Proportion{5.01e6, 1e7}))
	z := 0.001 / math.Sqrt(2*0.25/1e7)
	near(t, "ten million, above", large.Above, 1-large.Below, 1e-12)
	near(t, "ten million, below", large.Below, math.Erfc(z/math.Sqrt2)/2, 1e-3)

	near(t, "no prior", CompareBetas(Beta{}, uniform).Above, math.NaN(), 0)
}

func TestCompareBetasLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := rapid.Float64Range(0.5, 3000)
		a := Beta{shape.Draw(t, "a"), shape.Draw(t, "a'")}
		b := Beta{shape.Draw(t, "b"), shape.Draw(t, "b'")}
		c, swapped := CompareBetas(a, b), CompareBetas(b, a)
		near(t, "above and below", c.Above+c.Below, 1, 1e-11)
		near(t, "swapped", swapped.Below, c.Above, 1e-9)
		mean := b.Alpha/(b.Alpha+b.Beta) - a.Alpha/(a.Alpha+a.Beta)
		if math.Abs(c.Gain-c.Loss-mean) > 1e-11 {
			t.Fatalf("gain %g less loss %g is not the difference of means %g", c.Gain, c.Loss, mean)
		}
	})
}
