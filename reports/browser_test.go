package reports

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// chromium is a browser of this machine; empty where there is none.
func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// opened gives the document as a browser leaves it after loading.
func opened(t *testing.T, page []byte) string {
	t.Helper()
	browser := chromium()
	if browser == "" {
		t.Skip("no Chromium is here to open the page with")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "report.html")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var out, said bytes.Buffer
	cmd := exec.CommandContext(ctx, browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--user-data-dir="+filepath.Join(dir, "profile"), "--enable-logging=stderr", "--v=0", "--dump-dom", "file://"+file)
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		t.Skipf("Chromium does not run here: %v", err)
	}
	for line := range strings.Lines(said.String()) {
		if strings.Contains(line, "CONSOLE") || strings.Contains(line, "Content Security Policy") {
			t.Errorf("the browser complains: %s", line)
		}
	}
	return out.String()
}

// In a browser, nothing that a dialogue holds runs, and the page is whole.
func TestHostileTextDoesNotRun(t *testing.T) {
	const attack = "</p></main><script>document.documentElement.setAttribute('data-owned', 'yes')</script>" +
		"<img src=x onerror=\"document.documentElement.setAttribute('data-owned', 'yes')\"><style>*{display:none}</style>"
	for _, language := range []Language{English, Chinese} {
		dialogues := append(hostile(), Dialogue{
			Version: "v1", SessionID: attack, Topic: attack,
			Turns:    []Turn{{Asked: attack, Answered: attack, Error: attack, Spans: []Span{{attack, 0, 1}}, Passages: []Passage{{1, attack, 1, attack}}}},
			Outcomes: []Note{{attack, attack}}, Opinions: []Opinion{{attack, .5, attack, attack}},
		})
		rec := extremes()
		rec.Analysis.Metrics[0].Warnings = []string{attack}
		rec.Analysis.Decision.Reasons = append(rec.Analysis.Decision.Reasons, attack)
		rec.Spec = attack
		dom := opened(t, htmlOf(t, rec, Options{Language: language, Background: Background{Dialogues: dialogues, Judge: &Judge{Figures: []JudgeFigure{{Criterion: attack, Model: attack, Missing: map[string]int64{attack: 1}}}}}}))
		for _, bad := range []string{"data-owned=", "<script", "<img", "<style>*"} {
			if strings.Contains(dom, bad) {
				t.Errorf("%s: %q is in the document", language, bad)
			}
		}
		for _, end := range []string{"<footer>", "</html>"} {
			if !strings.Contains(dom, end) {
				t.Errorf("%s: the page is cut off before %s", language, end)
			}
		}
	}
}

// A terminal gets no character that acts on it, whatever names and doubts hold.
func TestHostileTextLeavesTheTerminalAlone(t *testing.T) {
	rec := extremes()
	const attack = "\x1b[2J\x1b]0;owned\x07\u202e\r\x00 \xff"
	rec.Analysis.Metrics[0].Name, rec.Analysis.App, rec.Analysis.Release = attack, attack, attack
	rec.Analysis.Metrics[1].Warnings = []string{attack}
	rec.Analysis.Decision.Reasons = []string{attack}
	var table, md bytes.Buffer
	r := New(rec, Options{Width: 80})
	if err := r.Table(&table); err != nil {
		t.Fatal(err)
	}
	if err := r.Markdown(&md); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{table.String(), md.String()} {
		if i := strings.IndexFunc(text, acts); i >= 0 {
			t.Errorf("a character acts at %d: %q", i, text[max(0, i-20):i+4])
		}
	}
	for _, l := range strings.Split(table.String(), "\n") {
		if columns(l) > 80 {
			t.Errorf("a line is %d columns wide: %s", columns(l), l)
		}
	}
}
