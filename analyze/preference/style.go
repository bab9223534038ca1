package preference

import (
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// StyleControl is a win rate with length and markup held equal. Features are
// in the order of the columns given to FitStyle.
type StyleControl struct {
	Raw float64 // mean preference
	// AverageStyle is the win rate at the average gap in style, which
	// Arena-Hard-Auto reports. Of one pair of versions it controls nothing.
	AverageStyle float64
	// EqualStyle is the win rate at no gap in style.
	EqualStyle float64
	// Intercept is the log odds at the average gap; Slope are log odds for one
	// standard deviation of each feature, NaN for a feature that is left out.
	Intercept float64
	Slope     []float64
	// Mean and StdDev are those of each feature over the rows.
	Mean, StdDev []float64
}

// FitStyle controls preferences y for the treatment, in [0, 1], for the style
// of the answers. A row of treatment and control holds an answer's length,
// above 0, and then counts of markup, such as headers, lists and bold text.
// The features are those of Arena-Hard-Auto:
//
//	(La - Lb) / (La + Lb)  and  (da - db) / (da + db + 1),  d = count / (L + 1)
//
// each centred and divided by its standard deviation, in a logistic regression
// without penalty.
//
// A feature that is the same in every row cannot be told from the intercept.
// If it is 0 everywhere, the versions do not differ in it, and it is left out;
// otherwise the result is ErrNotEstimable, with NaN in all that needs the fit.
// ErrSeparated is as for FitLogistic. It panics if the rows differ in shape.
func FitStyle(y []float64, treatment, control [][]float64) (StyleControl, error) {
	features := styleFeatures(treatment, control)
	k := len(features)
	out := StyleControl{
		Raw: math.NaN(), AverageStyle: math.NaN(), EqualStyle: math.NaN(), Intercept: math.NaN(),
		Slope: unknown(k), Mean: unknown(k), StdDev: unknown(k),
	}
	if len(y) == 0 {
		return out, ErrNotEstimable
	}
	out.Raw = stat.Mean(y, nil)
	var used []int
	for j, f := range features {
		out.Mean[j], out.StdDev[j] = stat.MeanStdDev(f, nil)
		if out.StdDev[j] != 0 || out.Mean[j] != 0 {
			used = append(used, j)
		}
	}
	x := mat.NewDense(len(y), 1+len(used), nil)
	for i := range y {
		x.Set(i, 0, 1)
		for c, j := range used {
			x.Set(i, 1+c, (features[j][i]-out.Mean[j])/out.StdDev[j])
		}
	}
	fit, err := FitLogistic(x, y, nil)
	if err != nil {
		return out, err
	}
	out.Intercept = fit.Coef[0]
	equal := out.Intercept
	for c, j := range used {
		out.Slope[j] = fit.Coef[1+c]
		equal -= out.Slope[j] * out.Mean[j] / out.StdDev[j]
	}
	out.AverageStyle, out.EqualStyle = sigmoid(out.Intercept), sigmoid(equal)
	return out, nil
}

// styleFeatures returns the features, a column each.
func styleFeatures(treatment, control [][]float64) [][]float64 {
	if len(treatment) != len(control) {
		panic("preference: the versions have different numbers of answers")
	}
	if len(treatment) == 0 {
		return nil
	}
	features := make([][]float64, len(treatment[0]))
	for i, a := range treatment {
		b := control[i]
		if len(a) != len(features) || len(b) != len(features) {
			panic("preference: the answers have different numbers of features")
		}
		for j := range features {
			features[j] = append(features[j], styleFeature(a, b, j))
		}
	}
	return features
}

func styleFeature(a, b []float64, j int) float64 {
	if j == 0 {
		return (a[0] - b[0]) / (a[0] + b[0])
	}
	da, db := a[j]/(a[0]+1), b[j]/(b[0]+1)
	return (da - db) / (da + db + 1)
}
