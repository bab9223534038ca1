package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"weir/trace"
)

// A Check is one thing that is expected of an answer. Exactly one of Contains,
// Lacks, Exact, Regex and JSON is set.
type Check struct {
	Contains string `json:"contains,omitempty"` // the answer holds this text
	Lacks    string `json:"lacks,omitempty"`    // the answer does not hold this text
	Exact    string `json:"exact,omitempty"`    // the answer is this text, blanks around both aside
	Regex    string `json:"regex,omitempty"`    // RE2, anywhere in the answer
	// JSON is a dotted path into the answer, which is JSON; Equals, where written,
	// the value that must be there, else any but null is right.
	JSON   string          `json:"json,omitempty"`
	Equals json.RawMessage `json:"equals,omitempty"`
	// Fold ignores case in Contains, Lacks and Exact.
	Fold bool `json:"fold,omitempty"`
	// Outcome names the outcome that the check decides; empty: resolved. It is 1
	// where all checks of that name pass, else 0.
	Outcome string `json:"outcome,omitempty"`

	pattern *regexp.Regexp
}

// Checks are written as one object or as a list.
type Checks []Check

// UnmarshalJSON reads an object or a list, strictly.
func (c *Checks) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if strings.HasPrefix(strings.TrimSpace(string(text)), "[") {
		var list []Check
		err := d.Decode(&list)
		*c = list
		return err
	}
	var one Check
	err := d.Decode(&one)
	*c = Checks{one}
	return err
}

// compile validates the checks.
func (c Checks) compile() error {
	for i := range c {
		if err := c[i].compile(); err != nil {
			return fmt.Errorf("expect[%d]: %w", i, err)
		}
	}
	return nil
}

func (c *Check) compile() (err error) {
	set := 0
	for _, s := range []string{c.Contains, c.Lacks, c.Exact, c.Regex, c.JSON} {
		if s != "" {
			set++
		}
	}
	switch {
	case set != 1:
		return errors.New("write one of contains, lacks, exact, regex and json")
	case c.Equals != nil && c.JSON == "":
		return errors.New("equals goes with json")
	case c.Regex != "":
		if c.pattern, err = regexp.Compile(c.Regex); err != nil {
			return fmt.Errorf("regex: %w", err)
		}
	}
	if c.Outcome == "" {
		c.Outcome = trace.OutcomeResolved
	}
	return nil
}

// Pass reports whether the answer is as expected.
func (c Check) Pass(answer string) bool {
	fold := func(s string) string {
		if c.Fold {
			return strings.ToLower(s)
		}
		return s
	}
	switch {
	case c.Contains != "":
		return strings.Contains(fold(answer), fold(c.Contains))
	case c.Lacks != "":
		return !strings.Contains(fold(answer), fold(c.Lacks))
	case c.Exact != "":
		return strings.TrimSpace(fold(answer)) == strings.TrimSpace(fold(c.Exact))
	case c.pattern != nil:
		return c.pattern.MatchString(answer)
	default:
		return c.passJSON(answer)
	}
}

func (c Check) passJSON(answer string) bool {
	v, ok := at(decode([]byte(answer)), c.JSON)
	if c.Equals == nil {
		return ok && v != nil
	}
	return ok && reflect.DeepEqual(v, decode(c.Equals))
}

// A tally gathers the checks of a conversation by outcome.
type tally map[string]bool

// take adds what was expected of one answer. answered is false where none came: nothing
// passes then.
func (t tally) take(checks Checks, answer string, answered bool) {
	for _, c := range checks {
		passed, known := t[c.Outcome]
		t[c.Outcome] = answered && c.Pass(answer) && (passed || !known)
	}
}
