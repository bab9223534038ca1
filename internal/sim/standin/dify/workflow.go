package dify

import (
	"net/http"
	"time"

	"weir/internal/sim/standin"
)

// flowEvent is an event of a workflow; what it says nests in data.
func (t *turn) flowEvent(name string, data map[string]any) standin.Frame {
	return t.event(name, false, map[string]any{"workflow_run_id": t.run, "data": data})
}

// nodes are the events of the flow before and after the point where it may
// wait for a person: between looking up and answering.
func (t *turn) nodes() (before, after []standin.Frame) {
	before = append(before, t.flowEvent("workflow_started", map[string]any{
		"id": t.run, "workflow_id": t.workflow, "inputs": map[string]any{}, "created_at": t.at.Unix(),
	}))
	before = append(before, t.node(1, "start", "start", "Start", 0)...)
	before = append(before, t.node(2, "lookup", "knowledge-retrieval", "Look up", t.FirstToken/2)...)
	llm := t.node(3, "model", "llm", "Answer from passages", t.Latency-t.FirstToken/2)
	after = append(after, llm[0])
	if t.app.Reasoning {
		for i, part := range []string{"The passages", " answer this."} {
			after = append(after, t.event("reasoning_chunk", false, map[string]any{"data": map[string]any{
				"message_id": t.message, "reasoning": part, "node_id": "model", "is_final": i == 1,
			}}))
		}
	}
	if t.mode == Workflow {
		for _, piece := range t.Pieces {
			after = append(after, t.event("text_chunk", true, map[string]any{
				"workflow_run_id": t.run, "data": map[string]any{"text": piece, "from_variable_selector": []string{"model", "text"}},
			}))
		}
	} else {
		after = append(after, t.pieces("message")...)
	}
	return before, append(after, llm[1])
}

// node are the two events of a node.
func (t *turn) node(index int, id, kind, title string, took time.Duration) []standin.Frame {
	common := func() map[string]any {
		return map[string]any{
			"id": standin.UUID(t.ID("node-" + id)), "node_id": id, "node_type": kind, "title": title, "index": index,
			"predecessor_node_id": nil, "inputs": map[string]any{}, "created_at": t.at.Unix(),
		}
	}
	done := common()
	for name, v := range map[string]any{
		"process_data": nil, "outputs": map[string]any{}, "status": "succeeded", "error": nil, "elapsed_time": took.Seconds(),
		"execution_metadata": nil, "finished_at": t.at.Add(took).Unix(), "files": []any{}, "iteration_id": nil, "loop_id": nil,
	} {
		done[name] = v
	}
	switch kind {
	case "llm":
		done["outputs"] = map[string]any{"text": t.Text(), "usage": t.nodeUsage(), "finish_reason": "stop"}
		done["execution_metadata"] = map[string]any{
			"total_tokens": t.InputTokens + t.OutputTokens, "total_price": price(t.InputTokens, inputPrice), "currency": "USD",
		}
		done["process_data"] = map[string]any{"model_mode": "chat", "model_provider": "simulated", "model_name": t.Model, "usage": t.nodeUsage()}
	case "knowledge-retrieval":
		var found []any
		for _, p := range t.Passages {
			found = append(found, map[string]any{
				"metadata": map[string]any{"_source": "knowledge", "position": p.Rank, "document_id": p.ID, "document_name": p.Document, "segment_id": p.Segment, "score": p.Score},
				"title":    p.Document, "content": p.Text,
			})
		}
		done["outputs"] = map[string]any{"result": found}
	}
	return []standin.Frame{t.flowEvent("node_started", common()), t.flowEvent("node_finished", done)}
}

// nodeUsage is the model's own, which is there where the message's is all zeros.
func (t *turn) nodeUsage() map[string]any {
	own := *t
	plain := *t.app
	plain.ZeroUsage = false
	own.app = &plain
	return own.usage()
}

func (t *turn) finished(status, problem string) standin.Frame {
	data := map[string]any{
		"id": t.run, "workflow_id": t.workflow, "status": status, "outputs": map[string]any{"answer": t.said()}, "error": nil,
		"elapsed_time": t.Latency.Seconds(), "total_tokens": t.InputTokens + t.OutputTokens, "total_steps": 3, "exceptions_count": 0,
		"created_at": t.at.Unix(), "finished_at": t.at.Add(t.Latency).Unix(), "files": []any{},
	}
	if problem != "" {
		data["error"], data["outputs"] = problem, nil
	}
	return t.flowEvent("workflow_finished", data)
}

// pause ends the stream of a flow that waits for a person.
func (t *turn) pause() []standin.Frame {
	return []standin.Frame{
		t.flowEvent("human_input_required", map[string]any{"form_id": standin.UUID(t.ID("form")), "node_id": "approve", "node_title": "Approve", "inputs": []any{}}),
		t.flowEvent("workflow_paused", map[string]any{"paused_nodes": []string{"approve"}, "reasons": []any{}, "status": "paused", "elapsed_time": t.FirstToken.Seconds(), "total_tokens": 0}),
	}
}

func (s *Service) run(w http.ResponseWriter, r *http.Request, a *app) {
	q, ok := s.read(w, r, a, false)
	if !ok {
		return
	}
	if a.Mode != Workflow {
		fail(w, http.StatusBadRequest, "not_workflow_app", "Please check if your app mode matches the right API route.")
		return
	}
	q.Workflow = r.PathValue("workflow")
	runner, ok := a.runner(w, q.Workflow)
	if !ok {
		return
	}
	q.Query, _ = q.Inputs["query"].(string)
	of := owner{a.Key, q.User}
	x := runner.Next("", q.Query)
	t := newTurn(a, x, q)
	t.replaced = false
	frames, rest := t.stream()
	kept := &run{id: t.run, workflow: t.workflow, status: "succeeded", answer: t.said(), owner: of, rest: rest}
	if rest != nil {
		kept.status = "paused"
	}
	s.state.keepRun(kept)
	ctx, done := s.state.begin(r.Context(), t.task, of)
	defer done()
	if q.streams() {
		if !runner.Stream(w, r.WithContext(ctx), x, frames, t.failure()) && ctx.Err() != nil && r.Context().Err() == nil {
			w.Write([]byte(t.finished("stopped", "").Text))
		}
		return
	}
	runner.Whole(w, r.WithContext(ctx), x, "application/json", standin.JSON(map[string]any{
		"task_id": t.task, "workflow_run_id": t.run, "data": map[string]any{
			"id": t.run, "workflow_id": t.workflow, "status": "succeeded", "outputs": map[string]any{"answer": t.said()}, "error": nil,
			"elapsed_time": t.Latency.Seconds(), "total_tokens": t.InputTokens + t.OutputTokens, "total_steps": 3,
			"created_at": t.at.Unix(), "finished_at": t.at.Add(t.Latency).Unix(),
		},
	}))
}

func (s *state) keepRun(r *run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs.put(r.id, r)
}

// ran finds a run of the application's.
func (s *Service) ran(w http.ResponseWriter, r *http.Request, a *app) (found run, ok bool) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	kept, ok := s.state.runs.of[r.PathValue("run")]
	if !ok || kept.owner.key != a.Key {
		refuse(w, http.StatusNotFound, "Workflow run not found.")
		return run{}, false
	}
	return *kept, true
}

func (s *Service) runDetail(w http.ResponseWriter, r *http.Request, a *app) {
	if found, ok := s.ran(w, r, a); ok {
		standin.Send(w, http.StatusOK, map[string]any{
			"id": found.id, "workflow_id": found.workflow, "status": found.status, "outputs": map[string]any{"answer": found.answer},
			"inputs": map[string]any{}, "error": nil, "total_steps": 3, "total_tokens": 0, "elapsed_time": 0,
		})
	}
}

// resume streams the rest of a run that waited: the person has agreed.
func (s *Service) resume(w http.ResponseWriter, r *http.Request, a *app) {
	found, ok := s.ran(w, r, a)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	for _, f := range found.rest {
		w.Write([]byte(f.Text))
	}
}
