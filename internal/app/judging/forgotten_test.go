package judging

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"weir/internal/answers"
	simjudge "weir/internal/sim/standin/judge"
)

// Who is forgotten while the judge is asked about them leaves nothing: neither the
// answers that were there nor those on their way, nor a judgment of their hour, which is
// published all the same.
func TestForgottenMeanwhile(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, population{sessions: 40, perHour: 10, solved: [2]float64{.5, .5}})
	t.Setenv("OPENAI_API_KEY", secret)
	const theirs = "s00017"
	var calls atomic.Int64
	var state string
	service := simjudge.New(simjudge.Behaviour{LogProbs: true})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 30 {
			e, _, err := answers.Forget(state, "bot", []string{theirs}, time.Now())
			if err == nil {
				err = e.End(time.Now())
			}
			if err != nil {
				t.Error(err)
			}
		}
		service.ServeHTTP(w, r)
	}))
	defer server.Close()
	j := job(t, dir, server.URL, "")
	j.Spec.Judge.Sample.Rate = 1
	state = j.stateRoot()
	if _, err := Run(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	rows, hours := judgments(t, dir)
	sessions := map[string]bool{}
	for _, r := range rows {
		sessions[r.SessionID] = true
	}
	if sessions[theirs] || len(sessions) != 39 || hours != 4 {
		t.Errorf("judgments of %d sessions in %d hours, theirs among them: %v", len(sessions), hours, sessions[theirs])
	}
	err := filepath.WalkDir(j.stateDir(), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(path, "cache") {
			return err
		}
		raw, err := os.ReadFile(path)
		if strings.Contains(string(raw), theirs) {
			t.Errorf("%s holds what was said of them", d.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
