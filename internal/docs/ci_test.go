package docs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

// A runner does what a build server does with the lines of a pipeline: it runs them
// in the repository's folder, with an environment.
type runner struct {
	*testing.T
	dir         string
	environment map[string]string
}

// newRunner checks the examples out, and puts a start-versions.sh beside them that says
// where two stand-ins are, of which v2 resolves as many as is said.
func newRunner(t *testing.T, resolved string) *runner {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("bash is not here")
	}
	r := &runner{t, t.TempDir(), map[string]string{"NO_COLOR": "1"}}
	if err := os.CopyFS(filepath.Join(r.dir, "examples/ci"), os.DirFS(filepath.Join(root, "examples/ci"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(r.dir, "examples/ci/gate.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	v1, v2 := r.standIn("0.5", "1"), r.standIn(resolved, "2")
	script := fmt.Sprintf(`#!/bin/sh
export V1_URL=%s V2_URL=%s
printf 'V1_URL=%%s\nV2_URL=%%s\n' "$V1_URL" "$V2_URL" | tee -a "${GITHUB_ENV:-/dev/null}" >versions.env
`, v1, v2)
	if err := os.WriteFile(filepath.Join(r.dir, "start-versions.sh"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return r
}

// start runs weir until the test ends, and gives what it says matches, once it says so.
func (r *runner) start(says *regexp.Regexp, args ...string) string {
	r.Helper()
	path := filepath.Join(r.TempDir(), "log")
	log, err := os.Create(path)
	if err != nil {
		r.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(bin, "weir"), args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.Env = r.dir, log, log, append(os.Environ(), "WEIR_TOKEN=secret", "V1_URL=http://127.0.0.1:1", "V2_URL=http://127.0.0.1:1")
	if err := cmd.Start(); err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	for range 3000 {
		raw, _ := os.ReadFile(path)
		if found := says.FindSubmatch(raw); found != nil {
			return string(found[1])
		}
		time.Sleep(10 * time.Millisecond)
	}
	r.Fatalf("weir %s never said %s", args[0], says)
	return ""
}

func (r *runner) standIn(resolved, seed string) string {
	return r.start(regexp.MustCompile(`listens on (http\S+)`), "sim-upstream", "--protocol", "openai", "--listen", "127.0.0.1:0",
		"--latency", "5ms", "--first-token", "1ms", "--seed", seed, "--resolved", resolved)
}

// shell runs lines, and gives the exit status and what was said.
func (r *runner) shell(shell, lines string, more map[string]string) (int, string) {
	r.Helper()
	cmd := exec.Command(shell, "-e", "-c", lines)
	if shell == "bash" { // as GitHub and GitLab call it
		cmd.Args = []string{"bash", "-e", "-o", "pipefail", "-c", lines}
	}
	cmd.Dir, cmd.Env = r.dir, append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
	for _, variables := range []map[string]string{r.environment, more} {
		for name, value := range variables {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		r.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func (r *runner) file(name string) []byte {
	raw, _ := os.ReadFile(filepath.Join(r.dir, name))
	return raw
}

// shared is a server whose share a deployment sets.
func (r *runner) server() string {
	return r.start(regexp.MustCompile(`control plane +(http\S+)`), "serve", "--spec", "examples/ci/weir.yaml", "--lake", "served",
		"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
}

// share is what a server says that the candidate gets, and why.
func (r *runner) share(server string) (share float64, reason string) {
	r.Helper()
	q, _ := http.NewRequest("GET", server+"/v1/applications/support-bot/deployments", nil)
	q.Header.Set("Authorization", "Bearer secret")
	res, err := http.DefaultClient.Do(q)
	if err != nil {
		r.Fatal(err)
	}
	defer res.Body.Close()
	var d struct {
		Share   float64
		Changed struct{ Reason string }
	}
	if err := json.NewDecoder(res.Body).Decode(&d); err != nil {
		r.Fatal(err)
	}
	return d.Share, d.Changed.Reason
}

func (r *runner) pipeline(name string, into any) {
	r.Helper()
	if err := yaml.Unmarshal(r.file("examples/ci/"+name), into); err != nil {
		r.Fatal(err)
	}
}

// The versions of a case: a v2 that is better, and one that is worse.
var builds = []struct {
	name, resolved string
	status         int // of the gate
}{{"better", "0.9", 0}, {"worse", "0.1", 4}}

var expression = regexp.MustCompile(`\$\{\{ *([a-zA-Z_.]+) *\}\}`)

// TestGitHub runs the steps of the workflow, as GitHub does: an environment that steps
// add to, what runs always, and a job that needs another.
func TestGitHub(t *testing.T) {
	for _, b := range builds {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t, b.resolved)
			server := r.server()
			var workflow struct {
				Jobs map[string]struct {
					Needs string
					Steps []struct {
						Name, If, Run, Uses string
						Env                 map[string]string
					}
				}
			}
			r.pipeline("github.yaml", &workflow)
			values := map[string]string{
				"github.run_id": "7", "github.run_attempt": "1", "vars.WEIR_SERVER": server, "secrets.WEIR_TOKEN": "secret",
			}
			more := map[string]string{
				"GITHUB_ENV": filepath.Join(r.dir, "env"), "GITHUB_STEP_SUMMARY": filepath.Join(r.dir, "step.md"), "GITHUB_SHA": "4f9c2b1",
			}
			var said string
			failed := map[string]int{}
			for _, name := range []string{"gate", "deploy"} {
				job := workflow.Jobs[name]
				if job.Steps == nil || job.Needs != "" && failed[job.Needs] != 0 {
					continue
				}
				for _, step := range job.Steps {
					if step.Run == "" || failed[name] != 0 && step.If != "always()" {
						continue
					}
					for line := range strings.Lines(string(r.file("env"))) {
						k, v, _ := strings.Cut(strings.TrimSpace(line), "=")
						r.environment[k] = v
					}
					env := map[string]string{}
					for k, v := range more {
						env[k] = v
					}
					for k, v := range step.Env {
						env[k] = expression.ReplaceAllStringFunc(v, func(e string) string {
							value, ok := values[expression.FindStringSubmatch(e)[1]]
							if !ok {
								t.Fatalf("nobody knows %s", e)
							}
							return value
						})
					}
					status, out := r.shell("bash", step.Run, env)
					said += out
					if status != 0 && failed[name] == 0 {
						failed[name] = status
					}
				}
			}
			if failed["gate"] != b.status {
				t.Fatalf("the gate ends with %d: %s", failed["gate"], said)
			}
			kind := map[int]string{0: "::notice file=examples/ci/weir.yaml,line=1,title=weir%3A promote", 4: "::error file=examples/ci/weir.yaml,line=9,title=weir%3A resolution"}[b.status]
			if !strings.Contains(said, kind) || !bytes.HasPrefix(r.file("step.md"), []byte("## ")) || len(r.file("step.md")) > 1<<20 || len(r.file("weir.xml")) == 0 {
				t.Errorf("it says %s; the summary is %s", said, r.file("step.md"))
			}
			share, reason := r.share(server)
			if want := map[int]float64{0: .05}[b.status]; share != want || want > 0 && reason != "tests of 4f9c2b1 passed" {
				t.Errorf("the share is %v, because %s: %s", share, reason, said)
			}
		})
	}
}

// TestGitLab runs the scripts of the jobs, a stage after the other.
func TestGitLab(t *testing.T) {
	for _, b := range builds {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t, b.resolved)
			server := r.server()
			var jobs struct {
				Weir struct {
					Script    []string
					Artifacts struct {
						Reports map[string]string
					}
				}
				Five struct{ Script []string } `yaml:"five percent"`
			}
			r.pipeline("gitlab-ci.yml", &jobs)
			status, said := r.shell("bash", strings.Join(jobs.Weir.Script, "\n"), map[string]string{"CI_JOB_ID": "11"})
			if status != b.status {
				t.Fatalf("the gate ends with %d: %s", status, said)
			}
			for kind, name := range jobs.Weir.Artifacts.Reports {
				if len(r.file(name)) == 0 {
					t.Errorf("there is no %s, the report of %s", name, kind)
				}
			}
			var quality []struct {
				Description, Fingerprint, Severity string
				Location                           struct {
					Path  string
					Lines struct{ Begin int }
				}
			}
			if err := json.Unmarshal(r.file("code-quality.json"), &quality); err != nil || len(quality) == 0 || quality[0].Fingerprint == "" || quality[0].Location.Path != "examples/ci/weir.yaml" {
				t.Errorf("code quality is %+v, %v", quality, err)
			}
			if status != 0 {
				return
			}
			if status, said := r.shell("bash", strings.Join(jobs.Five.Script, "\n"), map[string]string{"WEIR_SERVER": server, "WEIR_TOKEN": "secret", "CI_COMMIT_SHA": "4f9c2b1"}); status != 0 {
				t.Errorf("the deployment ends with %d: %s", status, said)
			}
			if share, _ := r.share(server); share != .05 {
				t.Errorf("the share is %v", share)
			}
		})
	}
}

var jenkinsShell = regexp.MustCompile(`sh(?:\(script: | )'([^']*)'`)

// TestJenkins runs what the Jenkinsfile gives to a shell, in its order.
func TestJenkins(t *testing.T) {
	r := newRunner(t, "0.9")
	server := r.server()
	lines := jenkinsShell.FindAllSubmatch(r.file("examples/ci/Jenkinsfile"), -1)
	if len(lines) != 3 {
		t.Fatalf("%d lines for a shell", len(lines))
	}
	for _, l := range lines {
		if status, said := r.shell("sh", string(l[1]), map[string]string{"BUILD_NUMBER": "3", "WEIR_SERVER": server, "WEIR_TOKEN": "secret", "GIT_COMMIT": "4f9c2b1"}); status != 0 {
			t.Fatalf("%s ends with %d: %s", l[1], status, said)
		}
	}
	if share, _ := r.share(server); share != .05 || len(r.file("weir.xml")) == 0 {
		t.Errorf("the share is %v", share)
	}
}
