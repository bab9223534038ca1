package judge

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"unicode"
)

// clean takes out of a text what a reader does not see and a model obeys:
// control, zero-width, bidirectional and tag characters, and the tokens by which
// chat templates tell who speaks. Taking one out can make another, so it goes on
// until there is none.
func clean(text string) string {
	text = strings.Map(visible, strings.ToValidUTF8(text, "\uFFFD"))
	for strings.ContainsAny(text, "<[") { // each of the tokens begins with one
		next := templateToken.ReplaceAllString(text, "")
		if next == text {
			break
		}
		text = next
	}
	return text
}

// visible drops a rune that has no business in a dialogue.
func visible(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r >= 0xE0000 && r <= 0xE0FFF, r == 0x2028, r == 0x2029:
		return -1
	}
	return r
}

// templateToken matches the special tokens of the chat templates in use: ChatML
// and its kin, Llama, Mistral, Gemma, DeepSeek, GLM.
var templateToken = regexp.MustCompile(`(?i)<[|｜][^<>|｜\n]{0,40}[|｜]>|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]|</?<?SYS>>|</?s>|<(?:start|end)_of_turn>|<(?:bos|eos|pad|unk|sop|eop)>|\[g?MASK\]|\[sop\]`)

// shownTurn is how a turn stands before the judge.
type shownTurn struct {
	User      string   `json:"user"`
	Assistant string   `json:"assistant"`
	Tools     string   `json:"tools,omitempty"`
	Passages  []string `json:"passages,omitempty"`
}

// material writes a dialogue as JSON, cleaned, with what the rubric shows.
// Angle brackets are escaped, so that no text can close the fence around it.
func (r *Rubric) material(d Dialogue) string {
	turns := make([]shownTurn, len(d.Turns))
	for i, t := range d.Turns {
		turns[i] = shownTurn{User: clean(t.Input), Assistant: clean(t.Output)}
		if r.shows(Tools) {
			turns[i].Tools = clean(t.ToolCalls)
		}
		if r.shows(Passages) {
			for _, p := range t.Passages {
				turns[i].Passages = append(turns[i].Passages, clean(p))
			}
		}
	}
	b, err := json.MarshalIndent(turns, "", " ")
	if err != nil {
		panic("judge: " + err.Error())
	}
	return string(bytes.ToValidUTF8(b, nil))
}

// fence puts material between tags of a name that nothing inside can know.
func fence(tag, name, material string) string {
	return "<" + name + "-" + tag + ">\n" + material + "\n</" + name + "-" + tag + ">"
}

// fresh draws a tag that occurs in none of the texts.
func fresh(draw func() uint64, texts ...string) string {
	const digits = "0123456789abcdefghijklmnopqrstuv"
	for {
		n := draw()
		var b [12]byte
		for i := range b {
			b[i], n = digits[n&31], n>>5
		}
		tag := string(b[:])
		found := false
		for _, t := range texts {
			found = found || strings.Contains(t, tag)
		}
		if !found {
			return tag
		}
	}
}
