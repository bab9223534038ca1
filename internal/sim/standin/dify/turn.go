package dify

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"time"

	"weir/internal/sim/standin"
)

// moderated is what takes the place of an answer that moderation refuses.
const moderated = "Your message cannot be answered here (simulated moderation)."

// A turn is an exchange in Dify's words.
type turn struct {
	*standin.Exchange
	app                          *app
	mode                         Mode
	conversation                 string
	task, message, run, workflow string
	at                           time.Time
	replaced, paused             bool
	files                        []string
}

func newTurn(a *app, x *standin.Exchange, q asked) *turn {
	t := &turn{
		Exchange: x, app: a, mode: a.Mode, conversation: q.Conversation, workflow: q.Workflow, at: time.Now(),
		task: standin.UUID(x.ID("task")), message: standin.UUID(x.ID("message")), run: standin.UUID(x.ID("run")),
	}
	if t.workflow == "" {
		t.workflow = standin.UUID(standin.Digest("workflow", a.Key))
	}
	t.replaced = x.Chance("replaced") < a.Replaced
	t.paused = (a.Mode == Chatflow || a.Mode == Workflow) && x.Chance("paused") < a.Paused
	for _, f := range q.Files {
		t.files = append(t.files, f.URL)
	}
	return t
}

func (t *turn) flow() bool { return t.mode == Chatflow || t.mode == Workflow }

// said is the answer as it stands in the end.
func (t *turn) said() string {
	if t.replaced {
		return moderated + " " + t.Truth.Mark()
	}
	return t.Text()
}

// Prices a token of the made-up model.
const (
	inputPrice  = 0.15e-6
	outputPrice = 0.60e-6
)

func price(tokens int, each float64) string {
	return strconv.FormatFloat(float64(tokens)*each, 'f', 7, 64)
}

func (t *turn) usage() map[string]any {
	in, out := t.InputTokens, t.OutputTokens
	latency := any(t.Latency.Seconds())
	if t.app.ZeroUsage {
		in, out, latency = 0, 0, 0.0
	}
	total := strconv.FormatFloat(float64(in)*inputPrice+float64(out)*outputPrice, 'f', 7, 64)
	return map[string]any{
		"prompt_tokens": in, "prompt_unit_price": "0.15", "prompt_price_unit": "0.000001", "prompt_price": price(in, inputPrice),
		"completion_tokens": out, "completion_unit_price": "0.60", "completion_price_unit": "0.000001", "completion_price": price(out, outputPrice),
		"total_tokens": in + out, "total_price": total, "currency": "USD", "latency": latency,
	}
}

func (t *turn) resources() []any {
	all := []any{}
	for _, p := range t.Passages {
		all = append(all, map[string]any{
			"id": p.Segment, "message_id": t.message, "position": p.Rank, "dataset_id": p.ID, "dataset_name": "sim-handbook",
			"document_id": p.ID, "document_name": p.Document, "data_source_type": "upload_file", "segment_id": p.Segment,
			"retriever_from": "api", "score": p.Score, "hit_count": 1, "word_count": len(p.Text), "segment_position": 1,
			"index_node_hash": p.Segment, "content": p.Text, "summary": nil, "created_at": t.at.Unix(),
		})
	}
	return all
}

func (t *turn) metadata() map[string]any {
	m := map[string]any{"usage": t.usage(), "retriever_resources": t.resources()}
	if t.mode == Agent {
		delete(m, "retriever_resources")
	}
	return m
}

func (t *turn) blocking() map[string]any {
	reply := map[string]any{
		"event": "message", "task_id": t.task, "id": t.message, "message_id": t.message, "mode": string(t.mode),
		"answer": t.said(), "metadata": t.metadata(), "created_at": t.at.Unix(),
	}
	if t.conversation != "" {
		reply["conversation_id"] = t.conversation
	}
	return reply
}

// event is an event of a message; common fields are added.
func (t *turn) event(name string, token bool, fields map[string]any) standin.Frame {
	fields["event"], fields["task_id"], fields["created_at"] = name, t.task, t.at.Unix()
	if t.mode != Workflow {
		fields["message_id"] = t.message
		if t.conversation != "" {
			fields["conversation_id"] = t.conversation
		}
	}
	return standin.Event(standin.JSON(fields), token)
}

// ping is a keep-alive: an event without data.
var ping = standin.Frame{Text: "event: ping\n\n"}

// stream is the whole stream. Where it waits for a person it ends early, and
// rest is what comes after.
func (t *turn) stream() (frames, rest []standin.Frame) {
	frames = []standin.Frame{ping}
	for i, url := range t.files {
		frames = append(frames, t.event("message_file", false, map[string]any{"id": fmt.Sprint(t.message, "-", i), "type": "image", "belongs_to": "user", "url": url}))
	}
	switch t.mode {
	case Agent:
		frames = append(append(frames, t.thoughts()...), t.pieces("agent_message")...)
	case Chatflow, Workflow:
		before, after := t.nodes()
		if frames = append(frames, before...); t.paused {
			return append(frames, t.pause()...), append(after, t.end()...)
		}
		frames = append(frames, after...)
	default:
		frames = append(frames, t.pieces("message")...)
	}
	return append(frames, t.end()...), nil
}

func (t *turn) pieces(name string) []standin.Frame {
	var all []standin.Frame
	for i, piece := range t.Pieces {
		all = append(all, t.event(name, true, map[string]any{"id": t.message, "answer": piece}))
		if i == len(t.Pieces)/2 {
			all = append(all, ping)
		}
	}
	if t.replaced {
		all = append(all, t.event("message_replace", false, map[string]any{"answer": t.said(), "reason": "output_moderation"}))
	}
	return all
}

// thoughts are what an agent thinks before it answers: the same thought again
// when its observation is there, as Dify sends it.
func (t *turn) thoughts() []standin.Frame {
	if t.Tool == "" {
		return nil
	}
	thought := func(observation string) standin.Frame {
		return t.event("agent_thought", false, map[string]any{
			"id": standin.UUID(t.ID("thought")), "position": 1, "thought": "The order has to be looked up.",
			"observation": observation, "tool": t.Tool, "tool_labels": map[string]any{}, "message_files": []any{},
			"tool_input": fmt.Sprintf(`{"%s": {"order": %d}}`, t.Tool, t.Order),
		})
	}
	return []standin.Frame{thought(""), thought(`{"state": "sent"}`)}
}

// end closes a turn: message_end, and after it what a flow says of itself.
func (t *turn) end() []standin.Frame {
	var all []standin.Frame
	if t.app.Speech && t.mode != Workflow {
		audio := base64.StdEncoding.EncodeToString([]byte("simulated speech"))
		all = append(all, t.event("tts_message", false, map[string]any{"audio": audio}), t.event("tts_message_end", false, map[string]any{"audio": ""}))
	}
	if t.mode != Workflow {
		all = append(all, t.event("message_end", false, map[string]any{"id": t.message, "metadata": t.metadata(), "files": []any{}}))
	}
	if t.flow() {
		all = append(all, t.finished("succeeded", ""))
	}
	return all
}

// failure is an error in the middle: a flow fails first, and has no message_end.
func (t *turn) failure() []standin.Frame {
	var all []standin.Frame
	if t.flow() {
		all = append(all, t.finished("failed", "simulated fault"))
	}
	if t.mode == Workflow {
		return all
	}
	return append(all, standin.Event(standin.JSON(map[string]any{
		"event": "error", "message_id": t.message, "conversation_id": t.conversation,
		"status": 400, "code": "completion_request_error", "message": "simulated fault",
	}), false))
}
