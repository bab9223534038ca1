package lake

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"weir/trace"
)

// A Filter says which dialogues to draw.
type Filter struct {
	App      string
	Release  string
	Versions []string // Count dialogues of each
	Count    int
}

// A Dialogue is a session with its texts.
type Dialogue struct {
	// Pair numbers dialogues of two versions that are about the same; one without a
	// partner has a number of its own.
	Pair      int
	Version   string
	SessionID string
	Topic     string // intent and language; empty where the lake knows neither
	Turns     []Turn
	Outcomes  []NamedValue
	Judgments []Opinion
}

// A Turn is one request with its texts; what is not known is nil.
type Turn struct {
	trace.Content
	LatencyMS, TTFTMS *float64
	Error             string
}

// A NamedValue is an outcome's name and value, as text.
type NamedValue struct{ Name, Value string }

// An Opinion is a judge's last word by one criterion.
type Opinion struct {
	Criterion string
	Score     float64
	Reason    string
	Model     string
}

// Dialogues draws sessions that have texts, in the order of a hash of their
// ids: the same lake gives the same ones. Turns are in order of time.
func (l *Lake) Dialogues(ctx context.Context, f Filter) ([]Dialogue, error) {
	if len(l.files["contents"]) == 0 {
		return nil, nil
	}
	versions := make([]string, len(f.Versions))
	for i, v := range f.Versions {
		versions[i] = literal(v)
	}
	rows, err := l.conn.QueryContext(ctx, text("dialogues", map[string]any{
		"App": literal(f.App), "Release": literal(f.Release), "Versions": strings.Join(versions, ", "), "Count": f.Count,
	}))
	if err != nil {
		return nil, l.explain(err)
	}
	defer rows.Close()
	var out []Dialogue
	for rows.Next() {
		var d Dialogue
		var turns, outcomes, judgments string
		if err := rows.Scan(&d.Pair, &d.Version, &d.SessionID, &d.Topic, &turns, &outcomes, &judgments); err != nil {
			return nil, l.explain(err)
		}
		if err := d.fill(turns, outcomes, judgments); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// fill reads the JSON that the query makes of turns, outcomes and judgments.
func (d *Dialogue) fill(turns, outcomes, judgments string) error {
	var ts []struct {
		Input, Output *string
		Retrieval     []struct {
			Rank  int64
			DocID *string `json:"doc_id"`
			Score *float64
			Text  *string
		}
		Spans []struct {
			Name       *string
			StartMS    *float64 `json:"start_ms"`
			DurationMS *float64 `json:"duration_ms"`
		}
		LatencyMS *float64 `json:"latency_ms"`
		TTFTMS    *float64 `json:"ttft_ms"`
		Error     *string
	}
	if err := json.Unmarshal([]byte(turns), &ts); err != nil {
		return fmt.Errorf("lake: turns of a dialogue: %w", err)
	}
	for _, t := range ts {
		c := trace.Content{Input: value(t.Input), Output: value(t.Output)}
		for _, p := range t.Retrieval {
			c.Retrieval = append(c.Retrieval, trace.Passage{Rank: p.Rank, DocID: value(p.DocID), Score: p.Score, Text: value(p.Text)})
		}
		for _, s := range t.Spans {
			c.Spans = append(c.Spans, trace.Span{Name: value(s.Name), StartMS: s.StartMS, DurationMS: s.DurationMS})
		}
		d.Turns = append(d.Turns, Turn{Content: c, LatencyMS: t.LatencyMS, TTFTMS: t.TTFTMS, Error: value(t.Error)})
	}
	var os []struct {
		Name  string
		Value float64
	}
	if err := json.Unmarshal([]byte(outcomes), &os); err != nil {
		return fmt.Errorf("lake: outcomes of a dialogue: %w", err)
	}
	for _, o := range os {
		d.Outcomes = append(d.Outcomes, NamedValue{o.Name, fmt.Sprintf("%g", o.Value)})
	}
	var js []struct {
		Criterion     string
		Score         float64
		Reason, Model *string
	}
	if err := json.Unmarshal([]byte(judgments), &js); err != nil {
		return fmt.Errorf("lake: judgments of a dialogue: %w", err)
	}
	for _, j := range js {
		d.Judgments = append(d.Judgments, Opinion{j.Criterion, j.Score, value(j.Reason), value(j.Model)})
	}
	return nil
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
