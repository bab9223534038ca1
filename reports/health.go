package reports

import (
	"slices"
	"strings"

	"weir/analyze"
)

// A check is one line of the health strip: what was looked at, what was found.
type check struct {
	Name string
	state
	Found  string // p .41
	Detail string // 20 % intended, 19.9 % observed
	// Aside checks are worth a word in short forms only where something was found.
	Aside bool
}

// told leaves out what was looked at aside and is sound.
func told(checks []check) []check {
	return slices.DeleteFunc(slices.Clone(checks), func(c check) bool { return c.Aside && c.state == sound })
}

// text is what was found, with its detail.
func (c check) text() string {
	if c.Detail == "" {
		return c.Found
	}
	return c.Found + " (" + c.Detail + ")"
}

// The states of a check.
var (
	sound     = state{"●", "ok", classWithin}
	watched   = state{"○", "watch", classOpen}
	broken    = state{"▼", "failed", classWorse}
	unchecked = state{"✕", "not checked", classUnknown}
)

// suspicious is the p-value below which the split of units is worth a look,
// though not yet invalid.
const suspicious = 0.01

// checksOf makes the health strip. What does not apply offline is left out there.
func checksOf(r analyze.Result) []check {
	var checks []check
	if !r.Design.Offline || r.Health.SRM.PValue.Known() {
		checks = append(checks, sampleRatio(r.Health.SRM))
	}
	checks = append(checks, loss(r))
	if !r.Design.Offline || r.Health.Compliance.Treatment.Known() {
		checks = append(checks, compliance(r.Health.Compliance, r))
	}
	checks = append(checks, judgments(r.Health.Judgments)...)
	checks = append(checks, labels(r.Metrics)...)
	for _, c := range append(concentration(r.Health.Concentration), past(r)...) {
		c.Aside = true
		checks = append(checks, c)
	}
	if maturity, ok := maturityOf(r.Units); ok {
		checks = append(checks, maturity)
	}
	return checks
}

func sampleRatio(s analyze.SRM) check {
	c := check{Name: "sample ratio", state: sound, Found: pText(s.PValue, analyze.Unknown), Detail: intended(s)}
	switch {
	case !s.PValue.Known():
		c.state, c.Found = unchecked, unchecked.Word
		c.Detail = visible(s.Note)
	case !s.OK:
		c.state = broken
	case float64(s.PValue) < suspicious:
		c.state = watched
	}
	return c
}

func intended(s analyze.SRM) string {
	if !s.Expected.Known() || !s.Observed.Known() {
		return visible(s.Note)
	}
	return share(s.Expected) + " intended, " + share(s.Observed) + " observed"
}

// lossName says what is lost: of paired designs, cases that ran on one arm only.
var lossName = map[bool]string{false: "loss", true: "cases on one arm only"}

func loss(r analyze.Result) check {
	l := r.Health.Loss
	c := check{Name: lossName[r.Design.Kind == analyze.Paired], state: sound, Found: count(l.Control) + " / " + count(l.Treatment)}
	var details []string
	if l.UnknownArm > 0 {
		details = append(details, count(l.UnknownArm)+" more of unknown arm")
	}
	if l.Rate > 0 {
		details = append(details, share(l.Rate)+" of all")
	}
	if l.PValue.Known() {
		details = append(details, "difference "+pText(l.PValue, analyze.Unknown))
	}
	c.Detail = strings.Join(details, ", ")
	switch {
	case !l.OK:
		c.state = broken
	case !l.Rate.Known():
		c.state, c.Found = unchecked, unchecked.Word
	}
	return c
}

func compliance(s analyze.Compliance, r analyze.Result) check {
	c := check{Name: "served as assigned", state: sound, Found: share(s.Treatment)}
	switch {
	case !s.OK:
		c.state = broken
	case !s.Treatment.Known():
		c.state, c.Found = unchecked, unchecked.Word
	}
	c.Detail = visible(s.Note)
	if s.Control.Known() && c.Detail == "" {
		c.Detail = visible(r.Control) + " " + share(s.Control)
	}
	return c
}

// judgments is about what judges failed to judge; none where nothing is judged.
func judgments(j *analyze.Judgments) []check {
	if j == nil {
		return nil
	}
	c := check{Name: "missing judgments", state: sound, Found: share(j.Control) + " / " + share(j.Treatment)}
	if j.PValue.Known() {
		c.Detail = "difference " + pText(j.PValue, analyze.Unknown)
	}
	if !j.OK {
		c.state = broken
	}
	return []check{c}
}

// The shares of units and users from which on one of them is worth a look.
const notable = .01

// concentration is about what single units and users hold; none where that is not known.
func concentration(n *analyze.Concentration) []check {
	if n == nil {
		return nil
	}
	var out []check
	if top := max(known(n.TopUnit.Control), known(n.TopUnit.Treatment)); top > 0 {
		c := check{Name: "largest unit", state: sound, Found: share(analyze.Number(top)), Detail: "of an arm's requests"}
		if top >= notable {
			c.state = watched
		}
		out = append(out, c)
	}
	if n.UnitsPerUser.Known() {
		c := check{Name: "sessions per user", state: sound, Found: scale{factor: 1, decimals: 1}.level(n.UnitsPerUser)}
		if n.TopUser.Known() {
			c.state, c.Detail = watched, "one user holds "+share(n.TopUser)
		}
		out = append(out, c)
	}
	return out
}

func known(x analyze.Number) float64 {
	if !x.Known() {
		return 0
	}
	return float64(x)
}

// past says whether control got worse than before the release; none where nothing is known of
// before.
func past(r analyze.Result) []check {
	compared := 0
	var worse []string
	for _, m := range r.Metrics {
		if m.Past == nil {
			continue
		}
		compared++
		if m.Past.Worse {
			worse = append(worse, label(m.Name))
		}
	}
	if compared == 0 {
		return nil
	}
	c := check{Name: visible(r.Control) + " against its past", state: sound, Found: "as before"}
	if len(worse) > 0 {
		c.state, c.Found = watched, "worse"
		c.Detail = series(worse)
	}
	return []check{c}
}

// maturityOf is the share of both arms' units that are old enough to count;
// false where none was left out for being too young.
func maturityOf(u analyze.UnitCounts) (check, bool) {
	var young int64
	for _, e := range u.Excluded {
		if e.Reason == immature {
			young += e.Control + e.Treatment
		}
	}
	if young == 0 {
		return check{}, false
	}
	in := u.Control + u.Treatment
	return check{
		Name: "mature", state: sound,
		Found:  share(analyze.Number(float64(in) / float64(in+young))),
		Detail: count(young) + " too young to count",
	}, true
}

// immature is the reason under which units are left out for their age.
const immature = "immature"
