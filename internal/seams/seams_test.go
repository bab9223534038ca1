package seams

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A row says what packages may import of Weir's own, and what they never do:
// what is Weir's, or ends with a slash and takes in everything below, neither
// directly nor through others; another package, such as os, not directly.
type row struct {
	packages []string
	may      []string // a trailing /... takes in the package and everything below
	never    []string
}

const (
	duckdb = "github.com/duckdb/"
	arrow  = "github.com/apache/arrow-go/"
	gonum  = "gonum.org/"
)

var rows = []row{
	{packages: []string{"weir/trace"}, never: []string{duckdb, arrow, gonum, "github.com/"}},
	{packages: []string{"weir/internal/atomicfile"}, never: []string{duckdb, arrow, gonum, "github.com/", "net/http"}},
	{packages: []string{"weir/internal/build"}, never: []string{duckdb, arrow, gonum, "github.com/", "net/http", "os"}},
	{packages: []string{"weir/internal/fault"}, never: []string{duckdb, arrow, gonum, "github.com/", "net/http", "os"}},
	{packages: []string{"weir/internal/yamltree"}, may: []string{"weir/internal/fault"}, never: []string{duckdb, arrow, gonum, "net/http", "os"}},
	{packages: []string{"weir/rollout/spec"}, may: []string{"weir/internal/fault", "weir/internal/yamltree"}, never: []string{duckdb, arrow, gonum}},
	{packages: []string{"weir/router", "weir/router/sticky", "weir/router/breaker"}, may: []string{"weir/trace", "weir/rollout/spec", "weir/router/..."}, never: []string{duckdb, arrow, gonum, "net/http", "os"}},
	{packages: []string{"weir/router/protocol/sse"}, never: []string{duckdb, arrow, gonum, "net/http", "os"}},
	{packages: []string{"weir/router/proxy/http1"}, never: []string{duckdb, arrow, gonum, "github.com/"}},
	{packages: []string{"weir/internal/wal"}, never: []string{duckdb, arrow, gonum, "github.com/"}},
	{packages: []string{"weir/internal/stickylog"}, may: []string{"weir/internal/wal", "weir/rollout/spec", "weir/router", "weir/router/sticky", "weir/trace"}, never: []string{duckdb, arrow, gonum, "net/http"}},
	{packages: []string{"weir/internal/control"}, may: []string{"weir/internal/clock", "weir/internal/control/...", "weir/internal/jobs", "weir/internal/webhook", "weir/rollout/spec", "weir/router", "weir/trace"}, never: []string{duckdb, arrow, gonum}},
	{packages: []string{"weir/internal/browse"}, may: []string{"weir/analyze/lake", "weir/collector/parquet", "weir/internal/app", "weir/internal/control", "weir/internal/jobs/child", "weir/judge/...", "weir/rollout/spec", "weir/trace"}, never: []string{"weir/router/", "weir/internal/live"}},
	{packages: []string{"weir/internal/control/rolling"}, never: []string{duckdb, arrow, gonum, "github.com/", "net/http", "os"}},
	{packages: []string{"weir/web"}, never: []string{duckdb, arrow, gonum, "github.com/", "weir/", "os"}},
	{packages: []string{"weir/internal/control/client"}, may: []string{"weir/internal/control"}, never: []string{duckdb, arrow, gonum}},
	{packages: []string{"weir/internal/live"}, may: []string{"weir/internal/atomicfile", "weir/collector/...", "weir/internal/answers", "weir/internal/clock", "weir/internal/control/...", "weir/internal/jobs/...", "weir/internal/machine", "weir/internal/privacy", "weir/internal/stickylog", "weir/internal/webhook", "weir/rollout/spec", "weir/router/...", "weir/trace"}, never: []string{duckdb, gonum}},
	{packages: []string{"weir/cmd/weir-router"}, may: []string{"weir/internal/build", "weir/internal/fault", "weir/internal/live", "weir/internal/machine", "weir/rollout/spec"}, never: []string{duckdb, gonum, "weir/analyze", "weir/analyze/", "weir/judge", "weir/judge/", "weir/rollout", "weir/internal/app"}},
	{packages: []string{"weir/internal/control/ledger"}, may: []string{"weir/rollout/spec", "weir/router"}, never: []string{duckdb, arrow, gonum, "net/http"}},
	{packages: []string{"weir/internal/control/steering"}, may: []string{"weir/internal/control/ledger", "weir/rollout/spec", "weir/router", "weir/trace"}, never: []string{duckdb, arrow, gonum, "net/http", "os"}},
	{packages: []string{"weir/internal/answers"}, may: []string{"weir/internal/atomicfile", "weir/collector/parquet", "weir/trace"}, never: []string{duckdb, gonum}},
	{packages: []string{"weir/internal/pilot"}, may: []string{"weir/analyze", "weir/internal/control/...", "weir/rollout/..."}, never: []string{duckdb, arrow, "os"}},
	{packages: []string{"weir/internal/jobs"}, may: []string{"weir/internal/clock"}, never: []string{duckdb, arrow, gonum, "net/http", "os"}},
	{packages: []string{"weir/internal/webhook"}, may: []string{"weir/internal/atomicfile", "weir/internal/clock", "weir/internal/control/ledger", "weir/rollout/spec"}, never: []string{duckdb, arrow, gonum}},
	{packages: []string{"weir/internal/jobs/disk"}, may: []string{"weir/internal/atomicfile", "weir/internal/clock", "weir/internal/jobs"}, never: []string{duckdb, arrow, gonum, "net/http"}},
	{packages: []string{"weir/internal/jobs/child"}, never: []string{duckdb, arrow, gonum, "net/http", "github.com/"}},
	{packages: []string{"weir/internal/machine"}, never: []string{duckdb, arrow, gonum, "github.com/", "net/http"}},
	{packages: []string{"weir/internal/privacy"}, never: []string{duckdb, arrow, gonum, "github.com/"}},
	{packages: []string{"weir/collector"}, may: []string{"weir/internal/atomicfile", "weir/trace", "weir/internal/wal", "weir/collector/journal", "weir/collector/parquet"}, never: []string{duckdb, gonum, "net/http"}},
	{packages: []string{"weir/collector/journal"}, may: []string{"weir/trace"}, never: []string{duckdb, arrow, gonum, "github.com/"}},
	{packages: []string{"weir/router/proxy"}, may: []string{"weir/trace", "weir/rollout/spec", "weir/router/..."}, never: []string{duckdb, arrow, gonum}},
	{packages: []string{"weir/router/protocol", "weir/router/protocol/dify", "weir/router/protocol/openai"}, may: []string{"weir/trace", "weir/router/protocol/..."}, never: []string{duckdb, arrow, gonum, "os", "net"}},
	{packages: []string{"weir/collector/parquet"}, may: []string{"weir/trace"}, never: []string{duckdb}},
	{packages: []string{"weir/collector/ingest"}, may: []string{"weir/trace", "weir/collector/importer"}, never: []string{duckdb}},
	{packages: []string{"weir/collector/importer"}, may: []string{"weir/internal/fault", "weir/internal/yamltree", "weir/trace"}, never: []string{duckdb}},
	{
		packages: []string{
			"weir/analyze", "weir/analyze/dist", "weir/analyze/fixed", "weir/analyze/sequential", "weir/analyze/cluster", "weir/analyze/compat", "weir/analyze/draw",
			"weir/analyze/agreement", "weir/analyze/betting", "weir/analyze/calibration", "weir/analyze/logprob", "weir/analyze/preference", "weir/analyze/survey",
		},
		may:   []string{"weir/analyze/..."},
		never: []string{duckdb, arrow, "weir/analyze/lake", "weir/trace", "weir/rollout/spec", "os", "net", "net/http", "log", "log/slog", "database/sql"},
	},
	{packages: []string{"weir/analyze/lake"}, may: []string{"weir/analyze/...", "weir/trace"}, never: []string{"weir/rollout", "weir/reports"}},
	{packages: []string{"weir/rollout"}, may: []string{"weir/rollout/spec", "weir/analyze/..."}, never: []string{duckdb, arrow, "net/http"}},
	{packages: []string{"weir/rollout/plan", "weir/rollout/aa", "weir/rollout/backtest", "weir/rollout/trials"}, may: []string{"weir/rollout", "weir/rollout/trials", "weir/analyze/..."}, never: []string{duckdb, arrow, "net/http", "os", "weir/analyze/lake", "weir/rollout/spec"}},
	{packages: []string{"weir/rollout/autopilot"}, may: []string{"weir/rollout", "weir/rollout/spec", "weir/analyze"}, never: []string{duckdb, arrow, "net/http", "os", "weir/analyze/lake", "weir/internal/control"}},
	{packages: []string{"weir/reports"}, may: []string{"weir/analyze/...", "weir/rollout", "weir/rollout/plan", "weir/rollout/aa", "weir/rollout/backtest"}, never: []string{duckdb, arrow, "net/http", "weir/analyze/lake"}},
	{packages: []string{"weir/judge/openai"}, may: []string{"weir/judge"}, never: []string{duckdb, arrow, gonum}},
	{packages: []string{"weir/judge"}, may: []string{"weir/internal/fault", "weir/internal/yamltree", "weir/trace"}, never: []string{duckdb, arrow, gonum, "net/http", "os"}},
	{packages: []string{"weir/judge/label"}, may: []string{"weir/judge"}, never: []string{duckdb, arrow, gonum, "net/http", "os"}},
	{packages: []string{"weir/judge/replay"}, may: []string{"weir/judge", "weir/trace"}, never: []string{duckdb, arrow, gonum}},
	{packages: []string{"weir/internal/calculator"}, may: []string{"weir/analyze/..."}, never: []string{duckdb, arrow, "weir/analyze/lake"}},
	{
		packages: []string{"weir/internal/sim/standin", "weir/internal/sim/standin/plain", "weir/internal/sim/standin/openai", "weir/internal/sim/standin/judge", "weir/internal/sim/standin/dify", "weir/internal/sim/traffic"},
		may:      []string{"weir/trace", "weir/internal/sim/..."},
		never:    []string{duckdb, arrow, gonum},
	},
	{packages: []string{"weir/internal/sim"}, may: []string{"weir/trace"}, never: []string{duckdb, arrow, gonum}},
}

// A listed is a package with what it imports and what it depends on.
type listed struct {
	ImportPath    string
	Standard      bool
	Imports, Deps []string
	CgoFiles      []string
}

// load lists all packages of Weir and everything they depend on.
func load(t *testing.T) (ours []listed, all map[string]listed) {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,Imports,Deps,CgoFiles", "weir/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all = map[string]listed{}
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p listed
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all[p.ImportPath] = p
		if strings.HasPrefix(p.ImportPath, "weir/") {
			ours = append(ours, p)
		}
	}
	return ours, all
}

// TestMap holds every row of the map true.
func TestMap(t *testing.T) {
	_, all := load(t)
	for _, r := range rows {
		for _, name := range r.packages {
			p, ok := all[name]
			if !ok {
				t.Errorf("the map names %s, which does not exist", name)
				continue
			}
			for _, imported := range p.Imports {
				if strings.HasPrefix(imported, "weir/") && !slices.ContainsFunc(r.may, func(m string) bool { return matches(m, imported) }) {
					t.Errorf("%s imports %s, which the map does not allow", name, imported)
				}
				if slices.Contains(r.never, imported) {
					t.Errorf("%s imports %s, which the map forbids", name, imported)
				}
			}
			for _, dep := range p.Deps {
				if slices.ContainsFunc(r.never, func(n string) bool {
					return strings.HasSuffix(n, "/") && strings.HasPrefix(dep, n) || strings.HasPrefix(n, "weir/") && dep == n
				}) {
					t.Errorf("%s depends on %s, which the map forbids", name, dep)
				}
			}
		}
	}
}

// TestOneImporterOfDuckDB holds DuckDB behind one package, and cmd at the top.
func TestOneImporterOfDuckDB(t *testing.T) {
	ours, _ := load(t)
	for _, p := range ours {
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, duckdb) && p.ImportPath != "weir/analyze/lake" {
				t.Errorf("%s imports DuckDB; only weir/analyze/lake may", p.ImportPath)
			}
			if strings.HasPrefix(imported, "weir/cmd/") {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
}

// TestHalves holds the live path and the analysis apart: they meet where all is wired.
func TestHalves(t *testing.T) {
	ours, _ := load(t)
	for _, p := range ours {
		if slices.Contains(p.Deps, "weir/router/proxy") && slices.Contains(p.Deps, "weir/analyze") &&
			p.ImportPath != "weir/cmd/weir" && p.ImportPath != "weir/internal/story" {
			t.Errorf("%s depends on the live path and on the analysis", p.ImportPath)
		}
	}
}

// TestPureGo holds cgo behind the packages that need DuckDB.
func TestPureGo(t *testing.T) {
	ours, all := load(t)
	for _, p := range ours {
		if slices.ContainsFunc(p.Deps, func(d string) bool { return strings.HasPrefix(d, duckdb) }) {
			continue
		}
		for _, d := range p.Deps {
			if dep := all[d]; !dep.Standard && len(dep.CgoFiles) > 0 {
				t.Errorf("%s depends on %s, which needs cgo", p.ImportPath, d)
			}
		}
	}
}

func matches(pattern, path string) bool {
	if below, ok := strings.CutSuffix(pattern, "/..."); ok {
		return path == below || strings.HasPrefix(path, below+"/")
	}
	return pattern == path
}
