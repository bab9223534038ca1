package importer

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/trace"
)

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func zipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func mapping(t *testing.T, format, text string) *Mapping {
	t.Helper()
	m, err := ParseMapping(format, "map.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// runFile imports one file.
func runFile(t *testing.T, format, text, file string, o Options) (*collection, Report, error) {
	t.Helper()
	c := &collection{}
	s := Source{Format: format, Files: []string{file}, App: "a"}
	if text != "" {
		s.Mapping = mapping(t, format, text)
	}
	report, err := Run(context.Background(), s, o, c)
	return c, report, err
}

const armAndTurn = "columns: {assigned_version: v, turn: n}"

func TestGzipIsToldByContent(t *testing.T) {
	for format, data := range map[string]string{"csv": "v,n\na,1\n", "jsonl": `{"v":"a","n":1}`} {
		file := write(t, "plain-name", zipped(t, []byte(data)))
		if c, _, err := runFile(t, format, armAndTurn, file, Options{}); err != nil || len(c.exchanges) != 1 {
			t.Errorf("%s: %d exchanges, %v", format, len(c.exchanges), err)
		}
	}
}

func TestByteOrderMark(t *testing.T) {
	file := write(t, "x.csv", []byte("\xef\xbb\xbfv,n\na,1\n"))
	if c, _, err := runFile(t, "csv", armAndTurn, file, Options{}); err != nil || len(c.exchanges) != 1 {
		t.Errorf("UTF-8 with a mark: %d exchanges, %v", len(c.exchanges), err)
	}
	file = write(t, "y.csv", []byte("\xff\xfev\x00"))
	if _, _, err := runFile(t, "csv", armAndTurn, file, Options{}); err == nil || !strings.Contains(err.Error(), "UTF-16") {
		t.Errorf("UTF-16: %v", err)
	}
}

// What leaves the rest of a file unreadable is an error under Skip too.
func TestTruncatedArchive(t *testing.T) {
	whole := zipped(t, []byte("v,n\n"+strings.Repeat("a,1\nb,2\nc,3\n", 1000)))
	for _, cut := range []int{3, 12, len(whole) / 2, len(whole) - 1} {
		file := write(t, "x.csv.gz", whole[:cut])
		for _, onError := range []OnError{Stop, Skip} {
			_, _, err := runFile(t, "csv", armAndTurn, file, Options{OnError: onError})
			if err == nil || !strings.Contains(err.Error(), "cut off") {
				t.Errorf("cut at %d of %d: %v", cut, len(whole), err)
			}
		}
	}
	damaged := slices.Clone(whole)
	damaged[len(damaged)-5] ^= 0xff // of the checksum
	if _, _, err := runFile(t, "csv", armAndTurn, write(t, "x.csv.gz", damaged), Options{OnError: Skip}); !errors.Is(err, gzip.ErrChecksum) {
		t.Errorf("a wrong checksum: %v", err)
	}
}

// A line above the bound is a bad row of JSON lines; in CSV it may be a quote
// that is never closed, and nobody knows where the next row begins.
func TestGiganticRows(t *testing.T) {
	long := strings.Repeat("x", 300_000)
	var problems []string
	good := 0
	note := func(r *record, err error) bool {
		if err != nil {
			problems = append(problems, err.Error())
		} else {
			good++
		}
		return true
	}
	file := write(t, "x.jsonl", []byte(`{"v":"`+long+"\"}\n{\"v\":\"a\"}\n"+`{"v":"`+long[:200_000]+`"}`))
	readJSON(file, func(int) {}, 250_000, note)
	if want := []string{file + ":1: is longer than 64 MiB"}; !slices.Equal(problems, want) || good != 2 {
		t.Errorf("JSON lines: %q and %d good rows, want %q and 2", problems, good, want)
	}
	for name, text := range map[string]string{
		"open quote": "v,n\n\"" + strings.Repeat("a,1\n", 200_000),
		"line":       "v,n\na," + long + "\nb,1\n",
	} {
		problems = nil
		file := write(t, "x.csv", []byte(text))
		readCSV(file, func(int) {}, 20_000, note)
		if len(problems) != 1 || !strings.Contains(problems[0], "is a quote left open?") {
			t.Errorf("CSV, %s: %q", name, problems)
		}
	}
	problems = nil
	file = write(t, "x.json", []byte(`[{"v":"a"},{"v":"`+long+`"}]`))
	readJSON(file, func(int) {}, 20_000, note)
	if len(problems) != 1 || !strings.Contains(problems[0], "row 2: is longer") {
		t.Errorf("JSON array: %q", problems)
	}
}

func TestCancel(t *testing.T) {
	file := write(t, "x.csv", []byte("v,n\n"+strings.Repeat("a,1\n", 3*progressRows)))
	ctx, cancel := context.WithCancel(context.Background())
	c := &collection{}
	s := Source{Format: "csv", Mapping: mapping(t, "csv", armAndTurn), Files: []string{file}, App: "a"}
	_, err := Run(ctx, s, Options{Progress: func(Progress) { cancel() }}, c)
	if !errors.Is(err, context.Canceled) || len(c.exchanges) >= 2*progressRows {
		t.Errorf("cancelled at the first progress: %v after %d rows", err, len(c.exchanges))
	}
	if _, err := Run(ctx, s, Options{}, c); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before the start: %v", err)
	}
}

func TestProgress(t *testing.T) {
	data := []byte("v,n\n" + strings.Repeat("a,1\n", 2*progressRows+5))
	var told []Progress
	_, _, err := runFile(t, "csv", armAndTurn, write(t, "x.csv", data), Options{Progress: func(p Progress) { told = append(told, p) }})
	if err != nil || len(told) != 3 {
		t.Fatalf("told %d times, %v", len(told), err)
	}
	last := told[2]
	if last.Rows != 2*progressRows+5 || last.Bytes != int64(len(data)) || last.TotalBytes != last.Bytes || !strings.HasSuffix(last.File, "x.csv") {
		t.Errorf("at the end: %+v", last)
	}
	if told[0].Rows != progressRows || told[0].Bytes == 0 {
		t.Errorf("at first: %+v", told[0])
	}
}

func TestSourceIsChecked(t *testing.T) {
	file := write(t, "x.csv", []byte("v,n\na,1\n"))
	good := Source{Format: "csv", Mapping: mapping(t, "csv", armAndTurn), Files: []string{file}, App: "a"}
	for want, change := range map[string]func(*Source){
		`unknown format "cvs": did you mean "csv"?`: func(s *Source) { s.Format = "cvs" },
		"no file to import":                         func(s *Source) { s.Files = nil },
		"csv needs a mapping":                       func(s *Source) { s.Mapping = nil },
		"was read for csv, not for jsonl":           func(s *Source) { s.Format = "jsonl" },
		"given twice":                               func(s *Source) { s.Files = []string{file, filepath.Join(filepath.Dir(file), ".", "x.csv")} },
		"no such file":                              func(s *Source) { s.Files = []string{file + "x"} },
		"is no file":                                func(s *Source) { s.Files = []string{filepath.Dir(file)} },
		`app "a/b"`:                                 func(s *Source) { s.App = "a/b" },
		`release "x y"`:                             func(s *Source) { s.Release = "x y" },
	} {
		s := good
		change(&s)
		if _, err := Run(context.Background(), s, Options{}, discard{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if _, err := Run(context.Background(), good, Options{}, discard{}); err != nil {
		t.Errorf("a good source: %v", err)
	}
}

func TestWrongFormat(t *testing.T) {
	csv := write(t, "x", []byte("v,n\na,1\n"))
	if _, _, err := runFile(t, "parquet", armAndTurn, csv, Options{}); err == nil || !strings.Contains(err.Error(), "is no Parquet file") {
		t.Errorf("CSV as Parquet: %v", err)
	}
	if _, _, err := runFile(t, "csv", armAndTurn, write(t, "y", []byte("PAR1....")), Options{}); err == nil || !strings.Contains(err.Error(), "import it as parquet") {
		t.Errorf("Parquet as CSV: %v", err)
	}
}

// failing is a sink that has no room.
type failing struct{ discard }

var errFull = errors.New("no room")

func (failing) Exchange(*trace.Exchange) error { return errFull }

func TestSinkErrorsEndTheRun(t *testing.T) {
	file := write(t, "x.csv", []byte("v,n\na,1\na,2\n"))
	s := Source{Format: "csv", Mapping: mapping(t, "csv", armAndTurn), Files: []string{file}, App: "a"}
	report, err := Run(context.Background(), s, Options{OnError: Skip}, failing{})
	if !errors.Is(err, errFull) || report.Added["traces"] != 0 || report.Rows != 1 {
		t.Errorf("%v, %+v", err, report)
	}
}

// A report names the first bad rows and counts them all.
func TestBadRowsAreBounded(t *testing.T) {
	file := write(t, "x.csv", []byte("v,n\n"+strings.Repeat("a,x\n", 50)))
	_, report, err := runFile(t, "csv", armAndTurn, file, Options{OnError: Skip})
	if err != nil || len(report.Bad) != maxBad || report.Skipped != 50 || report.Arms["a"].Skipped != 50 || report.Added["losses"] != 50 {
		t.Errorf("%v, %+v", err, report)
	}
	_, _, err = runFile(t, "csv", armAndTurn, file, Options{})
	if bad := asRowError(t, err); bad.Line != 2 || bad.Column != "n" || bad.Value != `"x"` {
		t.Errorf("%+v", bad)
	}
}

// Every column that a mapping may name has a field of its own, and a
// conversion.
func TestEveryTargetHasAField(t *testing.T) {
	for _, rows := range rowKinds {
		seen := map[any]string{}
		for _, c := range targets(rows) {
			var r row
			field := r.field(rows, c.Name)
			if field == nil {
				t.Errorf("%s: %s has no field", rows, c.Name)
				continue
			}
			offset := reflect.ValueOf(field).Pointer() - reflect.ValueOf(&r).Pointer()
			if other, ok := seen[offset]; ok {
				t.Errorf("%s: %s and %s are one field", rows, c.Name, other)
			}
			seen[offset] = c.Name
			_ = assign(field, c, conversion{unit: "ms"}, value{kind: text, text: "1"}) // panics without a conversion
		}
	}
}

// Every field of a row tells in its hash.
func TestHashesReadEveryField(t *testing.T) {
	one, half, yes, at := int64(7), 0.5, true, time.UnixMicro(1)
	values := map[string]any{
		"string": "x", "*int64": &one, "*float64": &half, "*bool": &yes, "time.Time": at, "float64": half, "int64": one,
		"trace.Reason": trace.ReasonSplit, "trace.UsageSource": trace.UsageReported,
		"map[string]string": map[string]string{"a": "b"}, "[]trace.Passage": []trace.Passage{{}}, "[]trace.Span": []trace.Span{{}},
	}
	everyField(t, values, func(e *trace.Exchange) Hash { return HashExchange(e) })
	everyField(t, values, func(c *trace.Content) Hash { return HashContent(c) })
	everyField(t, values, func(p *trace.Passage) Hash { return HashContent(&trace.Content{Retrieval: []trace.Passage{*p}}) })
	everyField(t, values, func(s *trace.Span) Hash { return HashContent(&trace.Content{Spans: []trace.Span{*s}}) })
	everyField(t, values, func(o *trace.Outcome) Hash { return HashOutcome(o) })
	everyField(t, values, func(j *trace.Judgment) Hash { return HashJudgment(j) })
	everyField(t, values, func(l *trace.Label) Hash { return HashLabel(l) })
	everyField(t, values, func(l *trace.Loss) Hash { return HashLoss(l) })
}

func everyField[T any](t *testing.T, values map[string]any, hash func(*T) Hash) {
	t.Helper()
	var row T
	seen := map[Hash]string{hash(&row): "the empty row"}
	fields := reflect.TypeFor[T]()
	for i := range fields.NumField() {
		var row T
		v, ok := values[fields.Field(i).Type.String()]
		if !ok {
			t.Fatalf("no value of the type %s", fields.Field(i).Type)
		}
		reflect.ValueOf(&row).Elem().Field(i).Set(reflect.ValueOf(v))
		if other, ok := seen[hash(&row)]; ok {
			t.Errorf("%s: %s hashes as %s", fields, fields.Field(i).Name, other)
		}
		seen[hash(&row)] = fields.Field(i).Name
	}
}

// What the lake rounds does not make a row another one.
func TestHashesAsStored(t *testing.T) {
	cost, stored := 0.1234567891234, 0.123456789
	at := time.Date(2026, 11, 23, 10, 0, 0, 123456789, time.FixedZone("", 3600))
	a := &trace.Exchange{CostUSD: &cost, StartedAt: at}
	b := &trace.Exchange{CostUSD: &stored, StartedAt: time.UnixMicro(at.UnixMicro()).UTC(), Attributes: map[string]string{}}
	if HashExchange(a) != HashExchange(b) {
		t.Error("an exchange as it was read and as it was stored differ")
	}
}

func TestPresets(t *testing.T) {
	names := Presets()
	if !slices.Equal(names, []string{"otlp", "langfuse", "langfuse-scores", "langfuse-judgments", "tau-bench"}) {
		t.Errorf("presets: %q", names)
	}
	for _, name := range names {
		text, ok := Preset(name)
		format := strings.SplitN(name, "-", 2)[0]
		if format == "tau" {
			format = name
		}
		if _, err := ParseMapping(format, name, text); !ok || err != nil {
			t.Errorf("%s, as printed: %v", name, err)
		}
	}
	if _, ok := Preset("csv"); ok {
		t.Error("csv has a preset")
	}
}

// The parts of a run that holds many files are one: the order of the files
// does not change which rows there are.
func TestSplitOverFiles(t *testing.T) {
	rows := []string{"a,1", "a,1", "b,1", "a,2", "b,1", "b,1"}
	whole := write(t, "whole.csv", []byte("v,n\n"+strings.Join(rows, "\n")+"\n"))
	c, _, err := runFile(t, "csv", armAndTurn, whole, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var lake Index
	c.remember(&lake)
	for cut := range len(rows) + 1 {
		files := []string{
			write(t, "2.csv", []byte("n,v\n"+swap(rows[cut:]))),
			write(t, "1.csv", []byte("v,n\n"+strings.Join(rows[:cut], "\n"))),
		}
		s := Source{Format: "csv", Mapping: mapping(t, "csv", armAndTurn), Files: files, App: "a"}
		report, err := Run(context.Background(), s, Options{Known: lake.Known}, discard{})
		if err != nil || report.Known["traces"] != int64(len(rows)) || len(report.Added) != 0 {
			t.Errorf("cut at %d: %v, %+v", cut, err, report)
		}
	}
}

// swap exchanges the two columns of rows.
func swap(rows []string) string {
	var b strings.Builder
	for _, row := range rows {
		first, second, _ := strings.Cut(row, ",")
		fmt.Fprintf(&b, "%s,%s\n", second, first)
	}
	return b.String()
}
