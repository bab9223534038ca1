package proxy_test

import (
	"net/http"
	"slices"
	"testing"
)

// TestOtherEncodings keeps ids apart that are not UTF-8, wherever they stand.
func TestOtherEncodings(t *testing.T) {
	ids := []string{"\xd5\xc5\xc8\xfd", "\xc0\xee\xcb\xc4", "caf\xe9", "caf\xe8", "张三", "\uFFFD"}
	want := []string{"%D5%C5%C8%FD", "%C0%EE%CB%C4", "caf%E9", "caf%E8", "张三", "\uFFFD"}
	for place, sent := range map[string]struct {
		protocol, spec string
		ask            func(r *rig, id string)
	}{
		"header": {"http", "context: {session: 'header:X-Session-Id'}", func(r *rig, id string) {
			q, err := http.NewRequest("GET", r.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			q.Header.Set("X-Session-Id", id)
			r.do(q)
		}},
		"body":              {"http", "context: {session: 'body:chat'}", func(r *rig, id string) { r.post("/", `{"chat":"`+id+`"}`) }},
		"openai":            {"openai", "unit: user", func(r *rig, id string) { r.post("/v1/chat/completions", `{"user":"`+id+`"}`) }},
		"openai response":   {"openai", "", func(r *rig, id string) { r.post("/v1/responses", `{"conversation":{"id":"`+id+`"}}`) }},
		"dify conversation": {"dify", "", func(r *rig, id string) { r.post("/v1/chat-messages", `{"conversation_id":"`+id+`"}`) }},
		"dify user": {"dify", "unit: user", func(r *rig, id string) {
			q, err := http.NewRequest("POST", r.url+"/v1/completion-messages", nil)
			if err != nil {
				t.Fatal(err)
			}
			query := q.URL.Query()
			query.Set("user", id)
			q.URL.RawQuery = query.Encode()
			r.do(q)
		}},
	} {
		t.Run(place, func(t *testing.T) {
			r := newRig(t, says("{}"), says("{}"), both(sent.protocol), sent.spec)
			for i, id := range ids {
				sent.ask(r, id)
				r.last(i + 1)
			}
			var got []string
			for _, e := range r.ended() {
				got = append(got, e.Exchange.UnitID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("units are %q, want %q", got, want)
			}
		})
	}
}
