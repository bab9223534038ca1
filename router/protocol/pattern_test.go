package protocol

import (
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"weir/router/protocol/sse"
)

// TestPattern tells events that differ in their text alone from others.
func TestPattern(t *testing.T) {
	const first = `{"id":"c","m":"a","delta":{"content":"a"},"end":null}`
	for name, test := range map[string]struct {
		next, text string
		name       string
		cut        bool
	}{
		"the same":                {next: first, text: "a"},
		"longer":                  {next: `{"id":"c","m":"a","delta":{"content":" on 途"},"end":null}`, text: " on 途"},
		"no UTF-8":                {next: "{\"id\":\"c\",\"m\":\"a\",\"delta\":{\"content\":\"\xff\"},\"end\":null}", text: "\uFFFD"},
		"of another name":         {next: first, name: "error"},
		"cut":                     {next: first, cut: true},
		"empty":                   {next: `{"id":"c","m":"a","delta":{"content":""},"end":null}`},
		"another before":          {next: `{"id":"d","m":"a","delta":{"content":"b"},"end":null}`},
		"another behind":          {next: `{"id":"c","m":"a","delta":{"content":"b"},"end":"l"}`},
		"more behind":             {next: `{"id":"c","m":"a","delta":{"content":"b"},"end":null}}`},
		"a member more":           {next: `{"id":"c","m":"a","delta":{"content":"b","x":"y"},"end":null}`},
		"an escape":               {next: `{"id":"c","m":"a","delta":{"content":"\n"},"end":null}`},
		"an escaped quote":        {next: `{"id":"c","m":"a","delta":{"content":"\"},"end":null}`},
		"the text is no string":   {next: `{"id":"c","m":"a","delta":{"content":1},"end":null}`},
		"broken off":              {next: `{"id":"c","m":"a","delta":{"content":"b`},
		"head and tail in one":    {next: `{"id":"c","m":"a","delta":{"content":"},"end":null}`},
		"nothing":                 {},
		"the tail alone, in text": {next: `{"id":"c","m":"a","delta":{"content":"},"end":null}"},"end":null}`},
	} {
		var p Pattern
		e := sse.Event{Data: []byte(first)}
		if _, ok := p.Text(e); ok {
			t.Fatal("an event follows no pattern")
		}
		p.Set(e, gjson.Parse(view(e.Data)).Get("delta.content"))
		got, ok := p.Text(sse.Event{Name: test.name, Data: []byte(test.next), Cut: test.cut})
		if got != test.text || ok != (test.text != "") {
			t.Errorf("%s: %q, %v", name, got, ok)
		}
		p.Set(e, gjson.Parse(`"elsewhere"`))
		if _, ok := p.Text(e); ok {
			t.Fatal("a text of elsewhere makes a pattern")
		}
	}
}

// TestPatternIsBounded keeps nothing of an event that is long beside its text.
func TestPatternIsBounded(t *testing.T) {
	for pad, kept := range map[int]bool{100: true, maxPattern: false} {
		for _, data := range []string{`{"x":"` + strings.Repeat("x", pad) + `","t":"a"}`, `{"t":"a","x":"` + strings.Repeat("x", pad) + `"}`} {
			var p Pattern
			e := sse.Event{Data: []byte(data)}
			p.Set(e, gjson.Parse(view(e.Data)).Get("t"))
			if _, ok := p.Text(e); ok != kept || len(p.head)+len(p.tail) > maxPattern+2 {
				t.Errorf("%d bytes beside the text: %v, %d kept", pad, ok, len(p.head)+len(p.tail))
			}
		}
	}
}
