package disk

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/jobs"
)

func TestStore(t *testing.T) {
	dir := t.TempDir()
	s := Store{Folder: filepath.Join(dir, "results"), Locks: filepath.Join(dir, "locks")}
	if r, err := s.Load("judge"); err != nil || r != (jobs.Result{}) {
		t.Errorf("there is %+v, %v", r, err)
	}
	want := jobs.Result{Outcome: jobs.Failed, Began: time.Unix(1e9, 0).UTC(), Ended: time.Unix(1e9+60, 5000).UTC(), Error: "no", Failures: 2, Runs: 3, Failed: 2}
	for range 2 {
		if err := s.Keep("judge", want); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := s.Load("judge"); err != nil || r != want {
		t.Errorf("there is %+v, %v", r, err)
	}
	if files, _ := os.ReadDir(s.Folder); len(files) != 1 {
		t.Errorf("there are %v", files)
	}
	for text, says := range map[string]string{
		`{"schema": "weir.job/1"`: "damaged", "": "damaged", `{"schema": "weir.job/2"}`: "layout",
	} {
		if err := os.WriteFile(filepath.Join(s.Folder, "judge.json"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Load("judge"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: it says %v", text, err)
		}
	}
}

func TestHold(t *testing.T) {
	s := Store{Locks: t.TempDir()}
	release, held, err := s.Hold("judge")
	if err != nil || held {
		t.Fatal(held, err)
	}
	if _, held, err := s.Hold("judge"); !held || err != nil {
		t.Error(held, err)
	}
	if free, held, err := s.Hold("analyze"); held || err != nil {
		t.Error(held, err)
	} else {
		free()
	}
	release()
	release, held, err = s.Hold("judge")
	if err != nil || held {
		t.Fatal(held, err)
	}
	release()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := (Store{Locks: file}).Hold("judge"); err == nil {
		t.Error("a file is a folder")
	}
}
