package replay

import (
	"errors"
	"strings"
	"testing"
)

func TestReadCases(t *testing.T) {
	cases, err := ReadCases("cases.jsonl", strings.NewReader(`
{"id": "one", "input": "hi", "expect": {"contains": "hello", "fold": true}}

{"id": "two", "user": "u", "turns": [{"input": "a", "expect": [{"lacks": "x", "outcome": "polite"}]}, {"input": "b"}], "expect": {"regex": "^[0-9]+$"}}
`))
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) != 2 || cases[0].Turns[0].Input != "hi" || len(cases[1].Turns) != 2 {
		t.Fatalf("read %+v", cases)
	}
	if last := cases[1].Turns[1].Expect; len(last) != 1 || last[0].Outcome != "resolved" {
		t.Errorf("what a case expects is not expected of its last answer: %+v", last)
	}
	if got := cases[1].Turns[0].Expect[0].Outcome; got != "polite" {
		t.Errorf("the outcome is %q", got)
	}
}

// Every fault is reported, with its line, and none shows what the user says.
func TestReadCasesFaults(t *testing.T) {
	const secret = "my password is swordfish"
	for text, want := range map[string]string{
		`{"id": "a"}`:            "c:1: neither input nor turns: write what the user says",
		`{"input": "swordfish"}`: "c:1: id is missing",
		`{"id": "a", "input": "x", "turns": [{"input": "y"}]}`:                     "c:1: input and turns: write one of them",
		`{"id": "a", "turns": [{"input": "x"}, {}]}`:                               "c:1: turns[1].input is missing",
		`{"id": "a", "input": "x"} {"id": "b"}`:                                    "c:1: something follows the case: write one a line",
		`{"id": "a", "input": "x", "expected": 1}`:                                 `c:1: unknown field "expected"`,
		`{"id": "a", "input": 7}`:                                                  "c:1: column 22: input is a JSON number, which it cannot be",
		`{"id": "a", "input": "` + secret + `"`:                                    "c:1: the JSON object is cut off; a case is one line",
		`{"id": "a", "input": "` + secret + `" x}`:                                 "c:1: column 49: this is no JSON object on one line",
		`{"id": "a", "input": "x", "expect": {}}`:                                  "c:1: expect[0]: write one of contains, lacks, exact, regex and json",
		`{"id": "a", "input": "x", "expect": {"contains": "x", "regex": "y"}}`:     "c:1: expect[0]: write one of contains, lacks, exact, regex and json",
		`{"id": "a", "input": "x", "expect": [{"regex": "("}]}`:                    "c:1: expect[0]: regex: error parsing regexp: missing closing ): `(`",
		`{"id": "a", "input": "x", "expect": {"exact": "x", "equals": 1}}`:         "c:1: expect[0]: equals goes with json",
		`{"id": "a\nb", "input": "x"}`:                                             "c:1: id: allowed are 256 bytes without control characters",
		"{\"id\": \"a\", \"input\": \"x\"}\n{\"id\": \"a\", \"input\": \"y\"}\n{}": "c:2: id \"a\" is that of line 1 too: every case needs one of its own\nc:3: id is missing",
		"": `c: there is no case in it: write one a line, such as {"id": "refund", "input": "I want my money back", "expect": {"contains": "refund"}}`,
	} {
		_, err := ReadCases("c", strings.NewReader(text))
		if err == nil || err.Error() != want {
			t.Errorf("%.60s: %v, want %s", text, err, want)
		}
		if faults := (Faults{}); !errors.As(err, &faults) {
			t.Errorf("%.60s: it is no fault of the user's", text)
		}
		if err != nil && strings.Contains(err.Error(), "swordfish") {
			t.Errorf("%.60s: the error shows the text", text)
		}
	}
}

// What a case asks is its identity; what it expects is not.
func TestHash(t *testing.T) {
	read := func(text string) Case {
		t.Helper()
		c, err := ReadCases("c", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return c[0]
	}
	a := read(`{"id": "a", "input": "x", "expect": {"contains": "y"}}`)
	if b := read(`{"id": "a", "turns": [{"input": "x"}]}`); a.Hash() != b.Hash() {
		t.Error("a case with other checks is another case")
	}
	for _, other := range []string{`{"id": "b", "input": "x"}`, `{"id": "a", "input": "y"}`, `{"id": "a", "input": "x", "inputs": {"l": 1}}`, `{"id": "a", "turns": [{"input": "x"}, {"input": "x"}]}`} {
		if a.Hash() == read(other).Hash() {
			t.Errorf("%s is the same case", other)
		}
	}
	if a.Turns[0].Expect == nil {
		t.Error("hashing took the checks away")
	}
}

func FuzzReadCases(f *testing.F) {
	f.Add(`{"id": "one", "input": "hi", "expect": {"contains": "hello"}}`)
	f.Add(`{"id": "two", "turns": [{"input": "a", "expect": [{"json": "a.0", "equals": {"b": null}}]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		cases, err := ReadCases("c", strings.NewReader(text))
		if (err == nil) != (len(cases) > 0) {
			t.Fatalf("%d cases and error %v", len(cases), err)
		}
		for _, c := range cases {
			if c.ID == "" || len(c.Turns) == 0 || c.Input != "" {
				t.Fatalf("an unusable case: %+v", c)
			}
		}
	})
}
