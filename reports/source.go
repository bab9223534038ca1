package reports

import (
	"slices"
	"strings"

	"weir/analyze"
)

// A source is a work that a method comes from, numbered in the order of
// citation.
type source struct {
	Number int
	Text   string
}

// A library numbers the sources that a report cites, each once.
type library struct{ sources []source }

func (l *library) cite(text string) source {
	i := slices.IndexFunc(l.sources, func(s source) bool { return s.Text == text })
	if i < 0 {
		i = len(l.sources)
		l.sources = append(l.sources, source{i + 1, text})
	}
	return l.sources[i]
}

// Sources of the methods.
const (
	ratioTestSource = "Lindon, Malek: Anytime-valid inference for multinomial count data. NeurIPS 2022."
	mismatchSource  = "Fabijan et al.: Diagnosing sample ratio mismatch in online controlled experiments. KDD 2019."
	sequenceSource  = "Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas: Time-uniform central limit theory and asymptotic confidence sequences. Annals of Statistics 52 (2024); arXiv 2103.06476."
	overlapSource   = "Li, Morgan, Zaslavsky: Balancing covariates via propensity score weighting. JASA 113 (2018)."
	welchSource     = "Welch: The generalization of Student's problem when several different population variances are involved. Biometrika 34 (1947)."
	rateSource      = "Newcombe: Interval estimation for the difference between independent proportions, method 10. Statistics in Medicine 17 (1998)."
	deltaSource     = "Deng, Knoblich, Lu: Applying the delta method in metric analytics. KDD 2018."
	quantileSource  = "Woodruff: Confidence intervals for medians and other position measures. JASA 47 (1952)."
	pairedSource    = "Miller: Adding error bars to evals. arXiv 2411.00640 (2024)."
	judgeSource     = "Angelopoulos, Bates, Fannjiang, Jordan, Zrnic: Prediction-powered inference. Science 382 (2023)."
	holmSource      = "Holm: A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6 (1979)."
)

// sourcesOf names the literature behind a metric's figures.
func sourcesOf(d analyze.Design, m analyze.MetricResult) []string {
	var sources []string
	add := func(applies bool, source string) {
		if applies {
			sources = append(sources, source)
		}
	}
	single := d.Kind == analyze.Independent
	add(d.Kind == analyze.Paired, pairedSource)
	add(d.Kind == analyze.Stratified, overlapSource)
	add(d.Method == analyze.Sequential, sequenceSource)
	add(d.Method == analyze.Fixed && single && m.Kind == analyze.KindMean, welchSource)
	add(d.Method == analyze.Fixed && single && m.Kind == analyze.KindProportion, rateSource)
	add(m.Kind == analyze.KindRatio, deltaSource)
	add(m.Kind == analyze.KindQuantile, quantileSource)
	add(strings.Contains(m.Method, "prediction-powered"), judgeSource)
	add(m.Test.PAdjusted.Known() && m.Test.PAdjusted != m.Test.PValue, holmSource)
	return sources
}
