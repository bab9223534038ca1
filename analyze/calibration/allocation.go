package calibration

import (
	"errors"
	"math"
)

// ErrNoSplit says that a budget cannot be split: the pilot is larger than the
// budget allows, a share is not in [0, 1], or a judge without any error in
// sight gives no reason to prefer a side.
var ErrNoSplit = errors.New("the label budget cannot be split")

// Pilot is what is known of a judge before labels are bought.
type Pilot struct {
	Apparent                 float64 // share that the judge calls positive
	Specificity, Sensitivity float64
	Size                     int // labelled items on each side; 0 where the rates are guesses
}

// Split divides total labels between items that people will call negative,
// for the specificity, and positive, for the sensitivity, so that the
// corrected prevalence is known best (Lee et al. 2025, arXiv 2511.21140):
//
//	negatives : positives = (1/p - 1) sqrt(kappa) : 1,
//	kappa = (1 - specificity) / (1 - sensitivity)
//
// with one pseudo-error on each side where a pilot has been labelled, and each
// side at least as large as the pilot. Halves are rounded to even. An error is
// ErrNoSplit.
func Split(total int, pilot Pilot) (negatives, positives int, err error) {
	kappa := (1 - pilot.Specificity) / (1 - pilot.Sensitivity)
	if pilot.Size > 0 {
		m := float64(pilot.Size)
		kappa = (m*(1-pilot.Specificity) + 1) / (m*(1-pilot.Sensitivity) + 1)
	}
	share := 1 / (1 + (1/pilot.Apparent-1)*math.Sqrt(kappa))
	if !isShare(pilot.Apparent) || !isShare(pilot.Specificity) || !isShare(pilot.Sensitivity) ||
		math.IsNaN(share) || pilot.Size < 0 || total < 2*pilot.Size {
		return 0, 0, ErrNoSplit
	}
	positives = int(math.RoundToEven(float64(total) * share))
	positives = max(pilot.Size, min(total-pilot.Size, positives))
	return total - positives, positives, nil
}

func isShare(x float64) bool { return x >= 0 && x <= 1 }
