package importer

// aliases are the older and other names of attributes, by the name that the
// gen_ai conventions of OpenTelemetry give today, in the order in which they
// are believed. Sources: open-telemetry/semantic-conventions-genai at 002c8a6
// (docs/gen-ai/gen-ai-spans.md); semantic-conventions v1.36.0; Traceloop's
// OpenLLMetry; OpenInference (spec/semantic_conventions.md).
var aliases = map[string][]string{
	"gen_ai.conversation.id":               {"session.id", "langfuse.session.id", "gen_ai.session.id"},
	"user.id":                              {"enduser.id", "langfuse.user.id"},
	"gen_ai.operation.name":                {"llm.request.type"},
	"gen_ai.response.model":                {"llm.response.model_name", "llm.model_name", "gen_ai.request.model", "llm.request.model_name"},
	"gen_ai.request.stream":                {"llm.is_streaming"},
	"gen_ai.usage.input_tokens":            {"gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens", "llm.token_count.prompt"},
	"gen_ai.usage.output_tokens":           {"gen_ai.usage.completion_tokens", "llm.usage.completion_tokens", "llm.token_count.completion"},
	"gen_ai.usage.cache_read.input_tokens": {"gen_ai.usage.cache_read_input_tokens", "llm.token_count.prompt_details.cache_read"},
	"gen_ai.usage.cost":                    {"gen_ai.usage.total_cost", "llm.cost.total"},
	"gen_ai.response.time_to_first_chunk":  {"gen_ai.server.ttft"},
	"gen_ai.input.messages":                {"input.value", "gen_ai.prompt"},
	"gen_ai.output.messages":               {"output.value", "gen_ai.completion"},
	"http.response.status_code":            {"http.status_code"},
}

// canonical adds to attributes those that are there under another name.
func canonical(attributes map[string]any) {
	for name, others := range aliases {
		if _, ok := attributes[name]; ok {
			continue
		}
		for _, other := range others {
			if v, ok := attributes[other]; ok {
				attributes[name] = v
				break
			}
		}
	}
}
