package calculator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"

	"weir/analyze/calibration"
	"weir/analyze/survey"
)

// labelledArm is one arm's labels and judge scores.
type labelledArm struct {
	Human       list `json:"human_labels"`
	Judged      list `json:"judge_on_labeled"`
	JudgedAlone list `json:"judge_on_unlabeled"`
}

func (a labelledArm) check() error {
	return sameLength(len(a.Human), len(a.Judged))
}

func (a labelledArm) tuned() calibration.Estimate {
	return calibration.Tuned(a.Human, a.Judged, a.JudgedAlone)
}

func predictionPoweredMean(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		labelledArm
		Alpha errorRate `json:"alpha"`
	}](input)
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	estimate := func(e calibration.Estimate) object {
		low, high := e.CI(in.Alpha.alpha())
		return object{"lambda": e.Lambda, "estimate": e.Value, "se": e.StdErr, "low": low, "high": high}
	}
	tuned := in.tuned()
	return object{
		"ppi":               estimate(calibration.Mean(in.Human, in.Judged, in.JudgedAlone, 1)),
		"ppi_plus_plus":     estimate(tuned),
		"classical":         estimate(calibration.Classical(in.Human)),
		"judge_only":        object{"estimate": stat.Mean(in.JudgedAlone, nil)},
		"p_value_null_half": tuned.P(0.5),
	}, nil
}

func predictionPoweredMeanCI(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Y         list      `json:"y"`
		F         list      `json:"f"`
		Unlabeled list      `json:"f_unlabelled"`
		Alpha     errorRate `json:"alpha"`
	}](input)
	if err != nil {
		return nil, err
	}
	arm := labelledArm{Human: in.Y, Judged: in.F, JudgedAlone: in.Unlabeled}
	if err := arm.check(); err != nil {
		return nil, err
	}
	interval := func(e calibration.Estimate) []float64 {
		low, high := e.CI(in.Alpha.alpha())
		return []float64{low, high}
	}
	plain, tuned := calibration.Mean(in.Y, in.F, in.Unlabeled, 1), arm.tuned()
	return object{
		"ppi_estimate":   plain.Value,
		"ppi_ci":         interval(plain),
		"lambda":         tuned.Lambda,
		"tuned_estimate": tuned.Value,
		"tuned_ci":       interval(tuned),
		"classical_ci":   interval(calibration.Classical(in.Y)),
	}, nil
}

func predictionPoweredDifference(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		V1    labelledArm `json:"v1"`
		V2    labelledArm `json:"v2"`
		Alpha errorRate   `json:"alpha"`
	}](input)
	if err != nil {
		return nil, err
	}
	if err := cmp.Or(in.V1.check(), in.V2.check()); err != nil {
		return nil, err
	}
	v1, v2 := in.V1.tuned(), in.V2.tuned()
	difference := calibration.Difference(v1, v2)
	low, high := difference.CI(in.Alpha.alpha())
	judge := func(a labelledArm) float64 { return stat.Mean(slices.Concat(a.JudgedAlone, a.Judged), nil) }
	return object{
		"lambda_v1":              v1.Lambda,
		"lambda_v2":              v2.Lambda,
		"estimate_v1":            v1.Value,
		"estimate_v2":            v2.Value,
		"difference":             difference.Value,
		"se":                     difference.StdErr,
		"low":                    low,
		"high":                   high,
		"naive_judge_difference": judge(in.V2) - judge(in.V1),
	}, nil
}

func roganGladen(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Positive     float64   `json:"judged_positive"`
		Judged       float64   `json:"judged_total"`
		TrueNegative float64   `json:"true_negatives_judged_negative"`
		Negatives    float64   `json:"human_negatives"`
		TruePositive float64   `json:"true_positives_judged_positive"`
		Positives    float64   `json:"human_positives"`
		Alpha        errorRate `json:"alpha"`
	}](input)
	if err != nil {
		return nil, err
	}
	for _, part := range [][2]float64{{in.Positive, in.Judged}, {in.TrueNegative, in.Negatives}, {in.TruePositive, in.Positives}} {
		if !(part[0] >= 0 && part[0] <= part[1]) {
			return nil, fmt.Errorf("%w: %v out of %v is no share", ErrInput, part[0], part[1])
		}
	}
	p := calibration.RoganGladen(calibration.Counts{
		Positive: in.Positive, Judged: in.Judged,
		TrueNegative: in.TrueNegative, Negatives: in.Negatives,
		TruePositive: in.TruePositive, Positives: in.Positives,
	})
	waldLow, waldHigh := p.WaldCI(in.Alpha.alpha())
	low, high := p.AdjustedCI(in.Alpha.alpha())
	return object{
		"apparent":           p.Apparent,
		"specificity":        p.Specificity,
		"sensitivity":        p.Sensitivity,
		"judge_informative":  p.Informative,
		"estimate_unclipped": p.Unclipped,
		"estimate":           p.Value,
		"wald_se":            p.StdErr,
		"wald_low":           waldLow,
		"wald_high":          waldHigh,
		"lee2025_low":        low,
		"lee2025_high":       high,
	}, nil
}

func roganGladenAllocation(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Total       int     `json:"total"`
		Apparent    float64 `json:"judged_positive_rate"`
		Specificity float64 `json:"pilot_specificity"`
		Sensitivity float64 `json:"pilot_sensitivity"`
		Size        int     `json:"pilot_size"`
	}](input)
	if err != nil {
		return nil, err
	}
	negatives, positives, err := calibration.Split(in.Total, calibration.Pilot{
		Apparent: in.Apparent, Specificity: in.Specificity, Sensitivity: in.Sensitivity, Size: in.Size,
	})
	if err != nil {
		return withReason(object{"negatives": math.NaN(), "positives": math.NaN()}, err), nil
	}
	return object{"negatives": negatives, "positives": positives}, nil
}

func samplingWeights(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Y       list      `json:"y"`
		Weight  list      `json:"weight"`
		Stratum []label   `json:"stratum" input:"optional"`
		Cluster []label   `json:"cluster" input:"optional"`
		Design  string    `json:"design"`
		Alpha   errorRate `json:"alpha"`
	}](input)
	if err != nil {
		return nil, err
	}
	stratum, noStratum := codes("stratum", in.Stratum)
	clusters, noCluster := codes("cluster", in.Cluster)
	n := len(in.Y)
	uneven := sameLength(n, rows(in.Weight, n), rows(stratum, n), rows(clusters, n))
	if err := cmp.Or(noStratum, noCluster, uneven); err != nil {
		return nil, err
	}
	estimate := survey.Mean
	if strings.Contains(in.Design, "total") {
		estimate = survey.Total
	}
	e := estimate(survey.Sample{Y: in.Y, Weight: in.Weight, Stratum: stratum, Cluster: clusters})
	low, high := e.NormalCI(in.Alpha.alpha())
	return object{"estimate": e.Value, "se": e.StdErr, "low": low, "high": high}, nil
}

func clusteredStdErr(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Value   list      `json:"value"`
		Cluster []label   `json:"cluster"`
		Alpha   errorRate `json:"alpha"`
	}](input)
	if err != nil {
		return nil, err
	}
	clusters, err := codes("cluster", in.Cluster)
	if err := cmp.Or(err, sameLength(len(in.Value), len(clusters))); err != nil {
		return nil, err
	}
	e := survey.Mean(survey.Sample{Y: in.Value, Cluster: clusters})
	low, high := e.StudentCI(in.Alpha.alpha())
	return object{
		"mean":         e.Value,
		"clustered_se": e.StdErr,
		"naive_se":     survey.Mean(survey.Sample{Y: in.Value}).StdErr,
		"df":           e.DF,
		"low":          low,
		"high":         high,
	}, nil
}
