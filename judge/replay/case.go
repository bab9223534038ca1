package replay

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A Case is a conversation to hold with each version: what the user says, turn
// by turn, and what is expected of the answers.
type Case struct {
	ID         string            `json:"id"`
	User       string            `json:"user,omitempty"`       // empty: the case's id
	Input      string            `json:"input,omitempty"`      // of a case of one turn
	Turns      []Turn            `json:"turns,omitempty"`      // of a case of several
	Expect     Checks            `json:"expect,omitempty"`     // of the last answer
	Inputs     map[string]any    `json:"inputs,omitempty"`     // of the application, as {{inputs}} and {{inputs.NAME}}
	Attributes map[string]string `json:"attributes,omitempty"` // kept with the rows
	Language   string            `json:"language,omitempty"`   // BCP 47
}

// A Turn is one thing the user says.
type Turn struct {
	Input  string `json:"input"`
	Expect Checks `json:"expect,omitempty"` // of its answer
}

// maxLine bounds a line of a file of cases.
const maxLine = 8 << 20

// ReadCases reads JSON lines, a case each; empty lines are passed over. Every
// fault is reported, with its line; name is the file's.
func ReadCases(name string, r io.Reader) ([]Case, error) {
	var cases []Case
	var faults []error
	seen := map[string]int{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		c, err := parseCase(text)
		if first, twice := seen[c.ID]; err == nil && twice {
			err = fmt.Errorf("id %q is that of line %d too: every case needs one of its own", c.ID, first)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s:%d: %w", name, n, err))
			continue
		}
		seen[c.ID] = n
		cases = append(cases, c)
	}
	if err := lines.Err(); err != nil {
		faults = append(faults, fmt.Errorf("%s:%d: %w; a line holds at most %d MiB", name, n+1, err, maxLine>>20))
	}
	if len(faults) == 0 && len(cases) == 0 {
		faults = append(faults, fmt.Errorf(`%s: there is no case in it: write one a line, such as {"id": "refund", "input": "I want my money back", "expect": {"contains": "refund"}}`, name))
	}
	if len(faults) > 0 {
		return nil, Faults{errors.Join(faults...)}
	}
	return cases, nil
}

// Faults are those of what the user wrote.
type Faults struct{ error }

// Unwrap gives the faults joined.
func (f Faults) Unwrap() error { return f.error }

// parseCase reads one line. What it says of the text is where and what kind,
// never the text.
func parseCase(text []byte) (Case, error) {
	var c Case
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return c, describe(err)
	}
	if d.More() {
		return c, errors.New("something follows the case: write one a line")
	}
	switch {
	case c.ID == "":
		return c, errors.New("id is missing")
	case len(c.ID) > 256 || strings.ContainsFunc(c.ID, func(r rune) bool { return r < ' ' }):
		return c, errors.New("id: allowed are 256 bytes without control characters")
	case c.Input == "" && len(c.Turns) == 0:
		return c, errors.New("neither input nor turns: write what the user says")
	case c.Input != "" && len(c.Turns) > 0:
		return c, errors.New("input and turns: write one of them")
	}
	if c.Input != "" {
		c.Turns, c.Input = []Turn{{Input: c.Input}}, ""
	}
	for i, t := range c.Turns {
		if t.Input == "" {
			return c, fmt.Errorf("turns[%d].input is missing", i)
		}
		if err := t.Expect.compile(); err != nil {
			return c, fmt.Errorf("turns[%d].%w", i, err)
		}
	}
	if err := c.Expect.compile(); err != nil {
		return c, err
	}
	last := &c.Turns[len(c.Turns)-1]
	last.Expect, c.Expect = append(last.Expect, c.Expect...), nil
	return c, nil
}

// describe words a decoder's error without quoting text of the case.
func describe(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("column %d: this is no JSON object on one line", syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Errorf("column %d: %s is a JSON %s, which it cannot be", kind.Offset, kind.Field, strings.Fields(kind.Value)[0])
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the JSON object is cut off; a case is one line")
	}
	return errors.New(strings.TrimPrefix(err.Error(), "json: "))
}

// Hash identifies what the case asks: what it expects is left out, so that
// checks can be corrected without asking again.
func (c Case) Hash() string {
	for i := range c.Turns {
		c.Turns = append([]Turn(nil), c.Turns...)
		c.Turns[i].Expect = nil
	}
	b, err := json.Marshal(c)
	if err != nil {
		panic("replay: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
