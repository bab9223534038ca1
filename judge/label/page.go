package label

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"

	"weir/judge"
)

//go:embed page.html
var pageHTML []byte

//go:embed page.css
var pageCSS []byte

//go:embed page.js
var pageJS []byte

// A pageSet is what the page is told, as JSON.
type pageSet struct {
	Set      string         `json:"set"`
	Mode     judge.Mode     `json:"mode"`
	Language string         `json:"language"`
	About    string         `json:"about"`
	Policy   string         `json:"policy"`
	Criteria []pageCriteria `json:"criteria"`
	Items    []line         `json:"items"`
}

type pageCriteria struct {
	Name     string       `json:"name"`
	Question string       `json:"question"`
	Levels   []pageLevels `json:"levels"` // that may be answered
	Scale    []string     `json:"scale"`  // of a pair, what the criterion's levels mean
}

type pageLevels struct {
	Value any    `json:"value"` // as files have it
	Key   string `json:"key"`   // that answers it
	Means string `json:"means"` // of a pair the page knows the words
}

// HTML writes a page that needs nothing else: it shows the items one by one,
// remembers what was chosen, and saves it to a file. Dialogues enter it as data, never as
// markup, and its policy lets it load and run nothing but itself.
func (s Set) HTML(w io.Writer) error {
	p := pageSet{Set: s.ID, Mode: s.Mode, Language: s.Rubric.Language, About: s.Rubric.About, Policy: s.Rubric.Policy, Items: []line{}}
	for _, c := range s.Rubric.Criteria {
		p.Criteria = append(p.Criteria, s.question(c))
	}
	for _, item := range s.Items {
		p.Items = append(p.Items, s.line(item))
	}
	data, err := json.Marshal(p) // escapes <, > and &: no text can end the script it stands in
	if err != nil {
		return err
	}
	page := pageHTML
	for _, part := range []struct{ mark, text string }{
		{"@language@", map[bool]string{true: "zh-CN", false: "en"}[s.Rubric.Language == "zh"]},
		{"@style-hash@", hash(pageCSS)}, {"@script-hash@", hash(pageJS)},
		{"@style@", string(pageCSS)}, {"@script@", string(pageJS)}, {"@data@", string(data)}, // data last: what it holds is not looked at again
	} {
		page = bytes.Replace(page, []byte(part.mark), []byte(part.text), 1)
	}
	_, err = w.Write(page)
	return err
}

// question is a criterion as the page asks it.
func (s Set) question(c judge.Criterion) pageCriteria {
	q := pageCriteria{Name: c.Name, Question: c.Question}
	if s.Mode == judge.Pairwise {
		for i, o := range options(c, s.Mode) {
			q.Levels = append(q.Levels, pageLevels{Value: o.word, Key: fmt.Sprint(i + 1)})
		}
		for _, l := range c.Levels {
			q.Scale = append(q.Scale, l.Means)
		}
		return q
	}
	for _, l := range c.Levels {
		q.Levels = append(q.Levels, pageLevels{l.Value, fmt.Sprint(l.Value), l.Means})
	}
	return q
}

// hash is a source of a content security policy.
func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
