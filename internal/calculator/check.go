package calculator

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
)

// A Deviation is one number of a case that lies outside its tolerance, or a
// value of another kind than the one expected.
type Deviation struct {
	Case string // name of the case
	Path string // where in the expected value, such as ci[1]
	Got  string // as JSON
	Want string // as JSON
}

// A Check is the outcome of running every case of one vector file.
type Check struct {
	File   string
	Method string
	Cases  int
	// Worst is the largest deviation of a number, as a multiple of what its
	// tolerance allows: at most 1 passes. NaN where no number was compared.
	Worst  float64
	Failed []Deviation
	// Err says why the file could not be checked at all: unreadable, or of a
	// method that does not exist.
	Err error
}

// OK reports whether the file was read, named a known method, held at least one case, and every
// case agreed.
func (c Check) OK() bool { return c.Err == nil && c.Cases > 0 && len(c.Failed) == 0 }

type vectorFile struct {
	Cases []vectorCase `json:"cases"`
}

type vectorCase struct {
	Name      string          `json:"name"`
	Input     json.RawMessage `json:"input"`
	Expected  any             `json:"expected"`
	Tolerance tolerance       `json:"tolerance"`
}

// tolerance allows |got - want| <= max(Abs, Rel |want|). In a file it is an
// object of the two, or one number that is absolute.
type tolerance struct{ Rel, Abs float64 }

func (t *tolerance) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, &t.Abs); err == nil {
		return nil
	}
	var pair struct{ Rel, Abs float64 }
	if err := json.Unmarshal(b, &pair); err != nil {
		return fmt.Errorf("tolerance is neither a number nor {rel, abs}: %s", b)
	}
	*t = tolerance(pair)
	return nil
}

// CheckFile runs every case of the vector file at path. The method is the
// file's base name without its ending.
func CheckFile(path string) Check {
	c := Check{File: path, Method: strings.TrimSuffix(filepath.Base(path), ".json"), Worst: math.NaN()}
	method, err := Lookup(c.Method)
	if err != nil {
		c.Err = err
		return c
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		c.Err = err
		return c
	}
	var file vectorFile
	if err := json.Unmarshal(raw, &file); err != nil {
		c.Err = fmt.Errorf("%s is not a vector file: %w", path, err)
		return c
	}
	if len(file.Cases) == 0 {
		c.Err = fmt.Errorf("%s holds no cases", path)
		return c
	}
	for _, vc := range file.Cases {
		c.add(vc, method)
	}
	return c
}

// add runs one case and keeps what it shows.
func (c *Check) add(vc vectorCase, method Method) {
	c.Cases++
	out, err := method(vc.Input)
	if err != nil {
		c.Failed = append(c.Failed, Deviation{Case: vc.Name, Got: err.Error(), Want: show(vc.Expected)})
		return
	}
	encoded, err := json.Marshal(encodable(out))
	if err != nil {
		panic("calculator: output of " + c.Method + " is no JSON: " + err.Error())
	}
	var got any
	if err := json.Unmarshal(encoded, &got); err != nil {
		panic("calculator: " + err.Error())
	}
	c.compare(vc, "", got, vc.Expected)
}

// compare walks the expected value; what got has beyond it is not looked at.
func (c *Check) compare(vc vectorCase, path string, got, want any) {
	switch want := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			c.fail(vc, path, got, want)
			return
		}
		for key, w := range want {
			if sequence, ok := truths[c.Method][key]; ok && path == "" {
				c.holds(vc, key, g[sequence], w)
				continue
			}
			c.compare(vc, join(path, key), g[key], w)
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(want) {
			c.fail(vc, path, got, want)
			return
		}
		for i, w := range want {
			c.compare(vc, fmt.Sprintf("%s[%d]", path, i), g[i], w)
		}
	case float64:
		g, ok := got.(float64)
		if !ok {
			c.fail(vc, path, got, want)
			return
		}
		c.number(vc, path, g, want)
	default: // null, bool, text (the infinities among it)
		if got != want {
			c.fail(vc, path, got, want)
		}
	}
}

// truths names, by method, expected values that no input determines, and the sequence that must
// hold each: the mean of a population of which the input has a part. It can be neither
// computed nor left unchecked.
var truths = map[string]map[string]string{
	"judge-confseq-finite-population": {"population_mean": "hedged_grid1000"},
}

// holds checks that a truth lies between the lower and upper limits of a sequence at every time.
func (c *Check) holds(vc vectorCase, path string, sequence, truth any) {
	limits, _ := sequence.(map[string]any)
	low, _ := limits["low"].([]any)
	high, _ := limits["high"].([]any)
	want, ok := truth.(float64)
	ok = ok && len(low) > 0 && len(low) == len(high)
	for i := range low {
		a, isA := low[i].(float64)
		b, isB := high[min(i, len(high)-1)].(float64)
		ok = ok && isA && isB && a <= want && want <= b
	}
	if !ok {
		c.fail(vc, path, sequence, truth)
	}
}

func (c *Check) number(vc vectorCase, path string, got, want float64) {
	off := math.Abs(got - want)
	allowed := math.Max(vc.Tolerance.Abs, vc.Tolerance.Rel*math.Abs(want))
	worst := 0.0
	switch {
	case off == 0:
	case allowed == 0:
		worst = math.Inf(1)
	default:
		worst = off / allowed
	}
	if !(worst <= c.Worst) { // also where Worst is still NaN
		c.Worst = worst
	}
	if worst > 1 {
		c.fail(vc, path, got, want)
	}
}

func (c *Check) fail(vc vectorCase, path string, got, want any) {
	c.Failed = append(c.Failed, Deviation{Case: vc.Name, Path: path, Got: show(got), Want: show(want)})
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// show gives a value as JSON, cut to a length that fits a line.
func show(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	const most = 120
	if len(b) > most {
		return string(b[:most]) + "…"
	}
	return string(b)
}
