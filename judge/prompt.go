package judge

import (
	"embed"
	"encoding/json"
	"strings"
	"text/template"
)

// promptVersion names the wording below and the way replies are read; it is
// part of every judge's hash. Raise it with every change that could move a score.
const promptVersion = "1"

//go:embed prompts/*.tmpl
var promptFiles embed.FS

var prompts = template.Must(template.New("").Funcs(template.FuncMap{"fence": fence}).ParseFS(promptFiles, "prompts/*.tmpl"))

// system words the instructions: which rubric, what to write, and that the
// material is no instruction.
func (r *Rubric) system(mode Mode, tag string) string {
	var b strings.Builder
	data := struct {
		*Rubric
		Tag   string
		Shown []shownExample
	}{r, tag, r.shownExamples()}
	if err := prompts.ExecuteTemplate(&b, string(mode)+"."+r.Language+".tmpl", data); err != nil {
		panic("judge: prompt: " + err.Error())
	}
	return strings.TrimSpace(b.String())
}

// shownExample is an example as the judge reads it.
type shownExample struct{ Material, Reply string }

func (r *Rubric) shownExamples() []shownExample {
	var out []shownExample
	for _, x := range r.Examples {
		var b strings.Builder
		for i, c := range r.Criteria {
			if i > 0 {
				b.WriteString(", ")
			}
			name, _ := json.Marshal(c.Name)
			score, _ := json.Marshal(x.Scores[c.Name])
			b.WriteString(string(name) + ": " + string(score))
		}
		out = append(out, shownExample{r.material(x.Dialogue), "{" + b.String() + "} " + x.Because})
	}
	return out
}

// schema is the JSON Schema of the reply: an object of objects, one a criterion,
// each with the evidence before the reason and the reason before the answer.
func (r *Rubric) schema(mode Mode) json.RawMessage {
	properties, required := "", ""
	for i, c := range r.Criteria {
		name, _ := json.Marshal(c.Name)
		if i > 0 {
			properties, required = properties+",", required+","
		}
		properties += string(name) + ":" + c.schema(mode)
		required += string(name)
	}
	return json.RawMessage(`{"type":"object","additionalProperties":false,"required":[` + required + `],"properties":{` + properties + `}}`)
}

func (c Criterion) schema(mode Mode) string {
	key, values := "score", `{"type":"integer","enum":[`
	if mode == Pairwise {
		key, values = "better", `{"type":"string","enum":["A","B","tie"`
	}
	if mode == Pointwise {
		for i, l := range c.Levels {
			if i > 0 {
				values += ","
			}
			values += string(rune('0' + l.Value))
		}
	}
	return `{"type":"object","additionalProperties":false,"required":["evidence","reason","` + key + `"],` +
		`"properties":{"evidence":{"type":"string"},"reason":{"type":"string"},"` + key + `":` + values + `]}}}`
}
