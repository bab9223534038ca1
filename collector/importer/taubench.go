package importer

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
)

// readTauBench reads trajectories as tau-bench writes them, and the same
// without their wrapping, and adds the fields that its mapping names.
// https://github.com/sierra-research/tau-bench, tau_bench/types.py: EnvRunResult
func readTauBench(r *run, j job, yield yield) {
	r.eachFile(j.files, "jsonl", func(rec *record, err error) bool {
		if err == nil {
			addTrajectory(rec)
		}
		return yield(rec, err)
	})
}

// A message is one turn of a trajectory.
type message struct {
	role, name, content string
	calls               []call
}

type call struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// handoffTool is the tool by which an agent gives a dialogue to a person.
const handoffTool = "transfer_to_human_agents"

func addTrajectory(r *record) {
	messages := trajectory(r.object)
	var calls []call
	transferred := false
	for _, m := range messages {
		calls = append(calls, m.calls...)
		for _, c := range m.calls {
			transferred = transferred || c.Name == handoffTool
		}
	}
	reason, _ := lookup(r.object, "info.error")
	addField(r.object, "version", stem(r.file))
	addField(r.object, "error", reason)
	if line, ok := r.object["error"].(string); ok {
		r.object["error"], _, _ = strings.Cut(line, "\n")
	}
	addField(r.object, "transferred", transferred)
	if len(calls) > 0 {
		b, _ := json.Marshal(calls) // texts only
		addField(r.object, "tool_calls", string(b))
	}
	system, input, output := transcript(messages)
	addField(r.object, "prompt", system)
	addField(r.object, "input", input)
	addField(r.object, "output", output)
}

// stem is the name of a file without its folder and the endings .gz, .json and
// .jsonl.
func stem(file string) string {
	name := strings.TrimSuffix(filepath.Base(file), ".gz")
	return strings.TrimSuffix(strings.TrimSuffix(name, ".jsonl"), ".json")
}

// trajectory returns the turns of a row; what is none is left out.
func trajectory(object map[string]any) []message {
	turns, ok := object["traj"].([]any)
	if !ok {
		turns, _ = object["dialogue"].([]any)
	}
	var messages []message
	for _, turn := range turns {
		if fields, ok := turn.(map[string]any); ok {
			messages = append(messages, newMessage(fields))
		}
	}
	return messages
}

func newMessage(fields map[string]any) message {
	m := message{role: plain(fields["role"]), name: plain(fields["name"]), content: plain(fields["content"])}
	list, _ := fields["tool_calls"].([]any)
	for _, item := range list {
		fields, _ := item.(map[string]any)
		if function, ok := fields["function"].(map[string]any); ok {
			fields = function
		}
		m.calls = append(m.calls, call{plain(fields["name"]), plain(fields["arguments"])})
	}
	return m
}

// plain returns a field as text; what is none, as JSON.
func plain(data any) string { return valueOf(data).json() }

// transcript divides a dialogue into the system's messages, the first message
// of the customer, and what followed, a line or more a turn.
func transcript(messages []message) (system, input, output string) {
	var rest []string
	for _, m := range messages {
		switch {
		case m.role == "system":
			system += m.content
			continue
		case m.role == "user" && input == "" && rest == nil:
			input = m.content
			continue
		}
		who := strings.TrimSpace(m.role + " " + m.name)
		if m.content != "" {
			rest = append(rest, fmt.Sprintf("%s: %s", who, m.content))
		}
		for _, c := range m.calls {
			rest = append(rest, fmt.Sprintf("%s calls %s(%s)", who, c.Name, c.Arguments))
		}
	}
	return system, input, strings.Join(rest, "\n")
}
