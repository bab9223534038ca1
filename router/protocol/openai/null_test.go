package openai_test

import (
	"testing"

	"weir/router/protocol"
	"weir/router/protocol/protocoltest"
)

// TestNull takes lists that are null, as many servers write them, for none: no
// call of a tool, no passage, and no first token.
func TestNull(t *testing.T) {
	for name, x := range map[string]protocoltest.Exchange{
		"chat": document("/v1/chat/completions", `{"messages":null}`,
			`{"choices":[{"message":{"content":"a","tool_calls":null}}]}`),
		"chat, of another shape": document("/v1/chat/completions", `{"messages":"q"}`,
			`{"choices":[{"message":{"content":"a","tool_calls":{"function":{"name":"f"}}}}]}`),
		"chat stream": events("/v1/chat/completions", ask,
			`data: {"choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":null}}]}`, `data: [DONE]`),
		"response": document("/v1/responses", `{"input":"q"}`,
			`{"object":"response","status":"completed","output":[{"type":"file_search_call","results":null},{"type":"message","content":null}]}`),
		"responses stream": events("/v1/responses", `{"stream":true,"input":"q"}`,
			"event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"output\":null}}"),
	} {
		t.Run(name, func(t *testing.T) {
			_, reply := protocoltest.Read(p, x)
			if len(reply.ToolCalls)+len(reply.Retrieval) > 0 || reply.Error != "" || reply.Incomplete {
				t.Errorf("reply %+v", reply)
			}
			if name == "chat stream" && !reply.FirstToken.IsZero() {
				t.Error("a first token, and no token")
			}
		})
	}
}

// TestErrorAsText is one too.
func TestErrorAsText(t *testing.T) {
	for want, answer := range map[string]string{
		protocol.ErrorInStream: `"out of memory"`,
		"":                     `""`,
	} {
		for name, x := range map[string]protocoltest.Exchange{
			"document": document("/v1/chat/completions", `{}`, `{"error":`+answer+`}`),
			"stream":   events("/v1/chat/completions", ask, `data: {"error":`+answer+`}`, `data: [DONE]`),
		} {
			if _, reply := protocoltest.Read(p, x); reply.Error != want {
				t.Errorf("the error %s of a %s is %q, want %q", answer, name, reply.Error, want)
			}
		}
	}
}
