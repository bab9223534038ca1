package judge

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
)

// A Dialogue is what is judged. It says nothing of the version that answered.
type Dialogue struct {
	Turns []Turn
}

// A Turn is what the user said and what was answered.
type Turn struct {
	Input     string
	Output    string
	ToolCalls string   // JSON array of name and arguments; empty for none
	Passages  []string // that were retrieved for the answer, best first
}

// Blank reports whether the dialogue holds no text of either side.
func (d Dialogue) Blank() bool {
	for _, t := range d.Turns {
		if strings.TrimSpace(t.Input) != "" || strings.TrimSpace(t.Output) != "" {
			return false
		}
	}
	return true
}

// inputs and outputs are what each side said, for telling answers that are
// the same whatever was asked.
func (d Dialogue) inputs() string {
	return joined(d.Turns, func(t Turn) string { return t.Input })
}

func (d Dialogue) outputs() string {
	return joined(d.Turns, func(t Turn) string { return t.Output })
}

func joined(turns []Turn, of func(Turn) string) string {
	parts := make([]string, len(turns))
	for i, t := range turns {
		parts[i] = strings.Join(strings.Fields(of(t)), " ")
	}
	return strings.Join(parts, "\x1f")
}

// fingerprint names a value by the SHA-256 of its JSON.
func fingerprint(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("judge: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
