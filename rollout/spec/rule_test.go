package spec

import "testing"

func TestMatches(t *testing.T) {
	q := Request{
		Headers:    map[string]string{"X-Feature-Flag": "v2"},
		Attributes: map[string]string{"tier": "gold"},
		User:       "staff-7", Session: "s1", Region: "cn", Path: "/v1/chat", Method: "POST",
	}
	for _, c := range []struct {
		when string
		want bool
	}{
		{`headers["X-Feature-Flag"] == "v2"`, true},
		{`headers["x-feature-flag"] == "v2"`, true},
		{`headers?.["x-feature-flag"] == "v2"`, true},
		{`headers["X-Other"] == ""`, true},
		{`"X-Other" in headers`, false},
		{`user startsWith "staff-"`, true},
		{`attributes.tier == "gold"`, true},
		{`attributes["tier"] in ["silver", "bronze"]`, false},
		{`attributes.device == ""`, true},
		{`region == "cn" and method == "POST" and path matches "^/v1/" and session != ""`, true},
	} {
		r := parse(t, small+"context: {attributes: {tier: \"header:X-Tier\", device: \"header:X-Device\"}}\nrules:\n  - name: r\n    version: v2\n    when: |\n      "+c.when+"\n")
		if got, err := r.Rules[0].Matches(q); err != nil || got != c.want {
			t.Errorf("%s: got %v, %v, want %v", c.when, got, err, c.want)
		}
	}
}

// A request that has nothing matches nothing, and breaks nothing.
func TestMatchesEmptyRequest(t *testing.T) {
	r := parse(t, small+`
context: {attributes: {tier: "header:X-Tier"}}
rules: [{name: r, version: v2, when: 'headers["X-A"] == "1" or attributes.tier == "gold" or user == "u"'}]
`)
	if got, err := r.Rules[0].Matches(Request{}); got || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

// A condition that cannot be evaluated within its memory is an error that
// names the rule.
func TestMatchesBudget(t *testing.T) {
	r := parse(t, small+"rules: [{name: greedy, version: v2, when: 'len(1..100000000) > 1'}]\n")
	_, err := r.Rules[0].Matches(Request{})
	if err == nil || err.Error() != "rule greedy: memory budget exceeded (1:6)" {
		t.Errorf("got %v", err)
	}
}
