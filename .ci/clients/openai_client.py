# The official client, unmodified: it knows nothing of a router.
import sys

import openai

client = openai.OpenAI(base_url=sys.argv[1] + "/v1", api_key="any", max_retries=0)
question = [{"role": "user", "content": "Where is my order?"}]

plain = client.chat.completions.create(model="sim-model", messages=question, user="u-1")
assert plain.choices[0].message.content and plain.usage.total_tokens > 0, plain

text, usage = "", None
for chunk in client.chat.completions.create(model="sim-model", messages=question, user="u-2", stream=True):
    assert chunk.choices, "a chunk that the client did not ask for"
    text += chunk.choices[0].delta.content or ""
    usage = usage or chunk.usage
assert text and usage is None, (text, usage)

usage = None
for chunk in client.chat.completions.create(model="sim-model", messages=question, user="u-3", stream=True, stream_options={"include_usage": True}):
    usage = chunk.usage or usage
assert usage and usage.completion_tokens > 0, usage

raw = client.chat.completions.with_raw_response.create(model="sim-model", messages=question)
assert raw.headers["X-Weir-Version"] in ("v1", "v2"), raw.headers

first = client.responses.create(model="sim-model", input="Where is my order?")
second = client.responses.create(model="sim-model", input="And when?", previous_response_id=first.id)
assert first.output_text and second.output_text, (first, second)
print("the official client works, streams too")
