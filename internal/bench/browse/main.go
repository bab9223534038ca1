// Command browse times what people ask of dialogues, of a simulated lake with texts,
// as weir serve answers it: in a process of its own, with one thread for queries. It
// prints wall and processor time of each question, how far was looked for it, and the
// most memory that the process held.
//
//	go run ./internal/bench/browse [-sessions N] [-weir bin/weir] [-dir DIR]
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"weir/internal/app"
)

func main() {
	sessions := flag.Int("sessions", 2_800_000, "sessions of the lake; 2.8 million make 10 million requests and take 600 MB")
	weir := flag.String("weir", "bin/weir", "the program")
	dir := flag.String("dir", os.TempDir(), "where the lake is written, and removed again")
	flag.Parse()
	if err := run(*weir, *dir, *sessions); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(weir, parent string, sessions int) error {
	dir, err := os.MkdirTemp(parent, "weir-browse-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	lake := filepath.Join(dir, "lake")
	if out, err := exec.Command(weir, "simulate", "--scenario", "bench", "--seed", "1", "--sessions", fmt.Sprint(sessions), "--texts", "1", "--lake", lake).CombinedOutput(); err != nil {
		return fmt.Errorf("simulating: %w: %s", err, out)
	}
	p := exec.Command(weir, "browse", "--lake", lake)
	p.Env = append(os.Environ(), app.MemoryEnv+"=768", app.ThreadsEnv+"=1")
	p.Stderr = os.Stderr
	stdout, err := p.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.Start(); err != nil {
		return err
	}
	defer func() {
		p.Process.Kill()
		p.Wait()
	}()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return err
	}
	base, token, _ := strings.Cut(strings.TrimSpace(line), "/dialogues#token=")
	ask := func(name, call string, q url.Values) (answer, error) {
		return question{base, token, p.Process.Pid}.ask(name, call, q)
	}
	first, err := ask("the latest", "dialogues", nil)
	if err != nil {
		return err
	}
	if len(first.Dialogues) == 0 || first.Next == nil {
		return fmt.Errorf("the lake is too small: a page holds all of it")
	}
	some := first.Dialogues[0].Session
	for _, x := range []struct {
		name, call string
		q          url.Values
	}{
		{"the latest again", "dialogues", nil}, {"the next page", "dialogues", url.Values{"after": {*first.Next}}},
		{"v2's that failed", "dialogues", url.Values{"version": {"v2"}, "failed": {"true"}}},
		{"not resolved", "dialogues", url.Values{"outcome": {"resolved"}, "value": {"0"}}},
		{"a word", "dialogues", url.Values{"text": {"order"}}}, {"a word nobody said", "dialogues", url.Values{"text": {"nobody-said-this"}}},
		{"a dialogue", "dialogue", url.Values{"session": {some}}},
	} {
		if _, err := ask(x.name, x.call, x.q); err != nil {
			return err
		}
	}
	return nil
}

type answer struct {
	Dialogues []struct{ Session string }
	Next      *string
	Searched  struct{ Requests, Of int64 }
}

type question struct {
	base, token string
	pid         int
}

func (x question) ask(name, call string, q url.Values) (a answer, err error) {
	r, err := http.NewRequest("GET", x.base+"/v1/applications/bench/"+call+"?"+q.Encode(), nil)
	if err != nil {
		return a, err
	}
	r.Header.Set("Authorization", "Bearer "+x.token)
	before, began := processor(x.pid), time.Now()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return a, err
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil || res.StatusCode != http.StatusOK {
		return a, fmt.Errorf("%s: status %d %.200s (%v)", name, res.StatusCode, body, err)
	}
	took := time.Since(began)
	if err := json.Unmarshal(body, &a); err != nil {
		return a, err
	}
	fmt.Printf("%-20s %.2f s, processor time %.2f s, %d found, %d of %d requests looked through, at most %d MiB\n",
		name, took.Seconds(), processor(x.pid)-before, len(a.Dialogues), a.Searched.Requests, a.Searched.Of, memory(x.pid))
	return a, nil
}

// processor is the time that a process has used, in seconds; of Linux.
func processor(pid int) float64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) / 100
}

// memory is the most that a process held, in MiB; of Linux.
func memory(pid int) int64 {
	raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(raw), "VmHWM:")
	text, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	kb, _ := strconv.ParseInt(text, 10, 64)
	return kb >> 10
}
