package openai

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"net/http"
	"strings"

	"weir/internal/sim/standin"
)

// texts is a text or a list of texts.
type texts []string

func (t *texts) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*t = texts{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(t))
}

// complete answers the older completions.
func (s *Service) complete(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Prompt        texts
		User          string
		Stream        bool
		StreamOptions *struct {
			IncludeUsage bool `json:"include_usage"`
		} `json:"stream_options"`
	}
	if err := standin.Read(w, r, &asked); err != nil {
		refuse(w, http.StatusBadRequest, "We could not parse the JSON body of your request.")
		return
	}
	if asked.StreamOptions != nil && s.options.NoStreamOptions {
		fail(w, http.StatusBadRequest, "Unrecognized request argument supplied: stream_options", "invalid_request_error", "stream_options", "unknown_parameter")
		return
	}
	said := strings.Join(asked.Prompt, "\n")
	x := s.Next(standin.Dialogue(r, asked.User+"/"+said), said)
	c := completion{Exchange: x, id: "cmpl-" + x.ID("cmpl"), created: now(), usage: !s.options.NoUsage}
	envelope := func(piece string, finish any, choices bool) map[string]any {
		e := map[string]any{"id": c.id, "object": "text_completion", "created": c.created, "model": c.Model, "choices": []any{}}
		if choices {
			e["choices"] = []any{map[string]any{"index": 0, "text": piece, "logprobs": nil, "finish_reason": finish}}
		}
		return e
	}
	if !asked.Stream {
		whole := envelope(x.Text(), "stop", true)
		if c.usage {
			whole["usage"] = c.used()
		}
		s.Whole(w, r, x, "application/json", standin.JSON(whole))
		return
	}
	var frames []standin.Frame
	for _, piece := range x.Pieces {
		frames = append(frames, standin.Event(standin.JSON(envelope(piece, nil, true)), true))
	}
	frames = append(frames, standin.Event(standin.JSON(envelope("", "stop", true)), false))
	if c.usage && asked.StreamOptions != nil && asked.StreamOptions.IncludeUsage {
		last := envelope("", nil, false)
		last["usage"] = c.used()
		frames = append(frames, standin.Event(standin.JSON(last), false))
	}
	s.Stream(w, r, x, append(frames, standin.Frame{Text: "data: [DONE]\n\n"}), failure)
}

// embed answers with vectors of length 1 that are the same for the same text.
func (s *Service) embed(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Input          texts
		Dimensions     int
		EncodingFormat string `json:"encoding_format"`
	}
	if err := standin.Read(w, r, &asked); err != nil || len(asked.Input) == 0 {
		refuse(w, http.StatusBadRequest, "'input' is a text or a list of texts.")
		return
	}
	x := s.Next("", strings.Join(asked.Input, " "))
	if asked.Dimensions <= 0 || asked.Dimensions > 4096 {
		asked.Dimensions = 64
	}
	var data []any
	for i, input := range asked.Input {
		vector := standin.Vector(input, asked.Dimensions)
		entry := map[string]any{"object": "embedding", "index": i, "embedding": vector}
		if asked.EncodingFormat == "base64" {
			entry["embedding"] = encode(vector)
		}
		data = append(data, entry)
	}
	answer := map[string]any{"object": "list", "data": data, "model": x.Model}
	if !s.options.NoUsage {
		answer["usage"] = map[string]any{"prompt_tokens": x.InputTokens, "total_tokens": x.InputTokens}
	}
	s.Whole(w, r, x, "application/json", standin.JSON(answer))
}

// encode writes a vector as little-endian float32 in base64.
func encode(vector []float32) string {
	var b []byte
	for _, v := range vector {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return base64.StdEncoding.EncodeToString(b)
}
