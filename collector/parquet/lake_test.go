package parquet

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/trace"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func openLake(t testing.TB, dir string) *Lake {
	t.Helper()
	l, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	l.disk.volatile = true
	return l
}

// publishRows commits a batch.
func publishRows(t testing.TB, l *Lake, name string, r Rows) {
	t.Helper()
	b, err := l.Begin(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Add(&r); err != nil {
		t.Fatal(err)
	}
	if err := b.Commit(); err != nil {
		t.Fatal(err)
	}
}

// exchange returns a row of that id, so many days after noon.
func exchange(id string, days int) trace.Exchange {
	return trace.Exchange{TraceID: id, App: "bot", StartedAt: noon.AddDate(0, 0, days)}
}

// readTable returns the rows of a table by folder, in the order of files and rows.
func readTable[T Row](t testing.TB, l *Lake) map[string][]T {
	t.Helper()
	files, err := l.Files(tableOf[T]().table.Name, "")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]T{}
	for _, f := range files {
		folder, n := trace.Partition(f.Table, f.App, f.Date), int64(0)
		for row, err := range Read[T](l.Path(f)) {
			if err != nil {
				t.Fatal(err)
			}
			rows[folder] = append(rows[folder], row)
			n++
		}
		if n != f.Rows {
			t.Errorf("%s holds %d rows, the manifest says %d", f.Path, n, f.Rows)
		}
	}
	return rows
}

// ids returns the trace ids that the lake holds, sorted.
func ids(t testing.TB, l *Lake) []string {
	t.Helper()
	var all []string
	for _, rows := range readTable[trace.Exchange](t, l) {
		for _, r := range rows {
			all = append(all, r.TraceID)
		}
	}
	slices.Sort(all)
	return all
}

// filesOnDisk returns every file of the lake but its lock files, relative to it.
func filesOnDisk(t testing.TB, l *Lake) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(l.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if relative, _ := filepath.Rel(l.dir, name); !strings.HasPrefix(relative, lockFolder) {
			names = append(names, filepath.ToSlash(relative))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// wantTidy fails unless the lake holds its manifest, the files it lists, and nothing else.
func wantTidy(t testing.TB, l *Lake) {
	t.Helper()
	want := []string{manifestName}
	for _, table := range trace.Tables() {
		files, err := l.Files(table.Name, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			want = append(want, f.Path)
			if sum, err := checksum(l.Path(f)); err != nil || sum != f.SHA256 {
				t.Errorf("%s has checksum %s (%v), the manifest says %s", f.Path, sum, err, f.SHA256)
			}
		}
	}
	slices.Sort(want)
	got := filesOnDisk(t, l)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the lake holds\n%s\nbut should hold\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestFilesDescribeWhatWasPublished(t *testing.T) {
	l := openLake(t, filepath.Join(t.TempDir(), "new", "lake"))
	if files, err := l.Files("traces", "bot"); err != nil || len(files) != 0 {
		t.Fatalf("a new lake has files %v, error %v", files, err)
	}
	first, last := exchange("a", 0), exchange("b", 0)
	last.StartedAt = last.StartedAt.Add(1500 * time.Microsecond)
	undated := exchange("c", 0)
	undated.StartedAt = time.Time{}
	other := exchange("d", 1)
	other.App = "other"
	publishRows(t, l, "import-1", Rows{Exchanges: []trace.Exchange{last, first, undated, other}})

	files, err := l.Files("traces", "bot")
	if err != nil || len(files) != 2 {
		t.Fatalf("got files %v, error %v", files, err)
	}
	dated := files[0]
	if dated.Path != "traces/app=bot/date=2026-11-23/import-1-0000.parquet" || dated.Date != "2026-11-23" ||
		dated.Rows != 2 || dated.Batch != "import-1" || !dated.First.Equal(first.StartedAt) || !dated.Last.Equal(last.StartedAt) {
		t.Errorf("got %+v", dated)
	}
	if info, err := os.Stat(l.Path(dated)); err != nil || info.Size() != dated.Bytes {
		t.Errorf("size: %v, %v", info, err)
	}
	if files[1].Date != trace.UnknownDate || !files[1].First.IsZero() {
		t.Errorf("got %+v", files[1])
	}
	if all, err := l.Files("traces", ""); err != nil || len(all) != 3 {
		t.Errorf("all apps: %v, %v", all, err)
	}
	if _, err := l.Files("trace", ""); err == nil {
		t.Error("a table that does not exist is no error")
	}
	wantTidy(t, l)
}

func TestFolderWithoutManifestIsListed(t *testing.T) {
	from := openLake(t, t.TempDir())
	publishRows(t, from, "import-1", Rows{Exchanges: []trace.Exchange{exchange("a", 0), exchange("b", 1)}})
	to := openLake(t, t.TempDir())
	if err := os.CopyFS(to.at("traces"), os.DirFS(from.at("traces"))); err != nil {
		t.Fatal(err)
	}
	folder := to.at("traces/app=bot/date=2026-11-23")
	for _, name := range []string{".x.parquet", "_x.parquet", "readme.txt", ".x.y" + inProgress} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("no Parquet"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := ids(t, to); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %v", got)
	}
	files, err := to.Files("traces", "bot")
	if err != nil || files[0].Batch != "import-1" || files[0].Rows != 1 || files[0].SHA256 != "" {
		t.Errorf("got %+v, error %v", files, err)
	}

	// The first batch adopts what is there; from then on the manifest decides.
	publishRows(t, to, "import-2", Rows{Exchanges: []trace.Exchange{exchange("c", 0)}})
	if got := ids(t, to); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("after a batch: %v", got)
	}
	copied := filepath.Join(folder, "copied.parquet")
	if err := os.CopyFS(filepath.Join(folder, "sub"), os.DirFS(from.at("traces/app=bot/date=2026-11-23"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(folder, "sub", "import-1-0000.parquet"), copied); err != nil {
		t.Fatal(err)
	}
	publishRows(t, to, "import-1", Rows{Exchanges: []trace.Exchange{exchange("a2", 0)}})
	if got := ids(t, to); !slices.Equal(got, []string{"a2", "c"}) {
		t.Errorf("after publishing an adopted batch again: %v", got)
	}
	if _, err := os.Stat(copied); err != nil {
		t.Errorf("a file that is not the lake's was touched: %v", err)
	}
}

func TestFileOutsideItsFolderIsAnError(t *testing.T) {
	l := openLake(t, t.TempDir())
	if err := os.MkdirAll(l.at("traces"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(l.at("traces/x.parquet"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := l.Files("traces", "")
	wantError(t, err, "x.parquet", "traces/app=NAME/date=YYYY-MM-DD", "move it")
}

func wantError(t testing.TB, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q does not say %q", err, p)
		}
	}
}

func TestManifestThatCannotBeReadIsAnError(t *testing.T) {
	l := openLake(t, t.TempDir())
	for content, part := range map[string]string{
		`{"schema": "weir.manifest/2"}`:             "weir.manifest/2",
		`{"schema": "weir.manifest/1", "files": [`:  "restore it from a backup",
		`{"schema": "weir.manifest/1", "extra": 1}`: "extra",
	} {
		if err := os.WriteFile(l.at(manifestName), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := l.Files("traces", "")
		wantError(t, err, l.at(manifestName), part)
		_, err = l.Begin("x")
		wantError(t, err, part)
		if after, _ := os.ReadFile(l.at(manifestName)); string(after) != content {
			t.Errorf("%s was changed to %s", content, after)
		}
	}
}

func TestSettledBatchesAreForgotten(t *testing.T) {
	l := openLake(t, t.TempDir())
	publishRows(t, l, "seg-1", Rows{Exchanges: []trace.Exchange{exchange("a", 0)}})
	publishRows(t, l, "seg-2", Rows{Exchanges: []trace.Exchange{exchange("b", 0)}})
	publishRows(t, l, "seg-3", Rows{Exchanges: []trace.Exchange{exchange("c", 1)}})
	compact(t, l)
	if err := l.Settle("seg-1", "seg-3"); err != nil {
		t.Fatal(err)
	}
	m, err := l.manifest()
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(m.Swallowed, []string{"seg-2"}) {
		t.Errorf("swallowed: %v", m.Swallowed)
	}
	publishRows(t, l, "seg-4", Rows{Exchanges: []trace.Exchange{exchange("d", 1)}})
	compact(t, l)
	if m, err = l.manifest(); err != nil || !reflect.DeepEqual(m.Swallowed, []string{"seg-2", "seg-4"}) {
		t.Errorf("swallowed after the settled batch was: %v, %v", m.Swallowed, err)
	}
	if _, err := l.Begin("seg-2"); !errors.Is(err, ErrCompacted) {
		t.Errorf("got %v", err)
	}
	if got := ids(t, l); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
		t.Errorf("got %v", got)
	}
}
