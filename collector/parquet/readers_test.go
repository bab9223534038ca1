package parquet

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/trace"
)

// Other readers find what was written, column by column and type by type: all null, all set, and
// the extremes of each type; in small files, and after compaction.
func TestOtherReaders(t *testing.T) {
	python := needPython(t)
	l := openLake(t, t.TempDir())
	l.limits.groupRows = 7
	expected := map[string]expectation{}
	for i := range 9 {
		r := sampleRows(i)
		publishRows(t, l, fmt.Sprint("batch-", i), r)
		expect(expected, r.Exchanges, nil)
		expect(expected, r.Outcomes, nil)
		expect(expected, r.Judgments, nil)
		expect(expected, r.Labels, nil)
		expect(expected, r.Losses, nil)
		expect(expected, r.Events, nil)
		for _, c := range r.Contents {
			expect(expected, []trace.Content{c.Content}, &c.Date)
		}
	}
	file := filepath.Join(t.TempDir(), "expected.json")
	if err := os.WriteFile(file, must(json.Marshal(expected)), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{"as published", "compacted"} {
		if state == "compacted" && compact(t, l).Written != len(trace.Tables())*3 {
			t.Fatal("nothing was compacted")
		}
		t.Logf("%s: %s", state, python(t, "read_lake.py", l.dir, file))
	}
}

// What other tools write in the folders of a lake is read as if Weir had written it.
func TestOtherWriters(t *testing.T) {
	python := needPython(t)
	l := openLake(t, t.TempDir())
	for i := range 9 {
		publishRows(t, l, fmt.Sprint("batch-", i), sampleRows(i))
	}
	want := sortedRows(t, l)
	byDuckDB, byPyarrow := t.TempDir(), t.TempDir()
	python(t, "rewrite_lake.py", l.dir, byDuckDB, byPyarrow)
	for _, dir := range []string{byDuckDB, byPyarrow} {
		if got := sortedRows(t, openLake(t, dir)); !reflect.DeepEqual(got, want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// sortedRows returns the lake's rows as JSON, without their folders and in no order of their own.
func sortedRows(t *testing.T, l *Lake) []string {
	var all []string
	for _, table := range everything(t, l) {
		v := reflect.ValueOf(table)
		for _, folder := range v.MapKeys() {
			rows := v.MapIndex(folder)
			for i := range rows.Len() {
				all = append(all, fmt.Sprint(folder, " ", string(must(json.Marshal(rows.Index(i).Interface())))))
			}
		}
	}
	slices.Sort(all)
	return all
}

// needPython returns what runs a script of testdata and returns what it prints.
func needPython(t *testing.T) func(t *testing.T, script string, args ...string) []byte {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 here to read the lake with")
	}
	if out, err := exec.Command(python, "-c", "import pyarrow, pandas, duckdb").CombinedOutput(); err != nil {
		t.Skipf("python3 has no pyarrow, pandas and duckdb (pip install pyarrow pandas duckdb): %s", out)
	}
	return func(t *testing.T, script string, args ...string) []byte {
		t.Helper()
		out, err := exec.Command(python, append([]string{filepath.Join("testdata", script)}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
		return out
	}
}

// sampleRows returns rows of all tables: of the first of every nine batches only what must be
// there, of the others something of each type.
func sampleRows(i int) Rows {
	var r Rows
	at := noon.AddDate(0, 0, i%2).Add(time.Duration(i) * 1001 * time.Microsecond)
	if i%3 == 2 {
		at = time.Time{}
	}
	r.Exchanges = []trace.Exchange{{TraceID: fmt.Sprint("t", i), App: "bot", StartedAt: at}}
	r.Contents = []DatedContent{{trace.Date(at), trace.Content{TraceID: fmt.Sprint("t", i), App: "bot"}}}
	r.Outcomes = []trace.Outcome{{OutcomeID: fmt.Sprint("o", i), App: "bot", Name: "resolved", OccurredAt: at}}
	r.Judgments = []trace.Judgment{{JudgmentID: fmt.Sprint("j", i), App: "bot", Criterion: "c", JudgedAt: at}}
	r.Labels = []trace.Label{{LabelID: fmt.Sprint("l", i), App: "bot", Criterion: "c", LabeledAt: at}}
	r.Losses = []trace.Loss{{LossID: fmt.Sprint("x", i), App: "bot", Reason: "bad_row", StartedAt: at}}
	r.Events = []trace.Event{{EventID: fmt.Sprint("e", i), App: "bot", Kind: "share", OccurredAt: at}}
	if i > 0 {
		fill(reflect.ValueOf(&r).Elem(), i)
	}
	return r
}

// fill sets what is not set, differently for every n, but leaves the rows' dates alone.
func fill(v reflect.Value, n int) {
	if _, ok := v.Interface().(time.Time); ok {
		return
	}
	switch v.Kind() {
	case reflect.String:
		if v.String() == "" {
			v.SetString([]string{"Grüße, 世界 🌊", "it's \"x\"\n\t", "a", "é"}[n%4])
		}
	case reflect.Int64:
		v.SetInt([]int64{0, math.MaxInt64, math.MinInt64, int64(n)}[n%4])
	case reflect.Float64:
		v.SetFloat([]float64{0, math.MaxFloat64, math.SmallestNonzeroFloat64, -1.0 / float64(n)}[n%4])
	case reflect.Bool:
		v.SetBool(n%2 == 0)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{}))
		for k := range n % 4 {
			v.SetMapIndex(reflect.ValueOf(fmt.Sprint("ключ", k)), reflect.ValueOf(strings.Repeat("v", k)))
		}
	case reflect.Slice:
		if v.Len() == 0 {
			v.Set(reflect.MakeSlice(v.Type(), n%4, n%4))
		}
		for i := range v.Len() {
			fill(v.Index(i), n+i)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			switch name := v.Type().Field(i).Name; name {
			case "CostUSD":
				v.Field(i).Set(reflect.ValueOf(new([]float64{0, 0.000000001, -123456.789, 1e6}[n%4])))
			case "AssignedAt", "ReceivedAt", "EndedAt":
				v.Field(i).Set(reflect.ValueOf([]time.Time{
					time.Unix(0, 0).UTC(), time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC), time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC), noon,
				}[n%4]))
			default:
				fill(v.Field(i), n)
			}
		}
	}
}

type expectation struct {
	Types map[string]string `json:"types"`
	Rows  []map[string]any  `json:"rows"`
}

// expect adds rows in the form that read_lake.py wants. It goes by the columns that the trace
// package describes and by the names of Go fields, and by nothing that writes files.
func expect[T Row](expected map[string]expectation, rows []T, date *string) {
	table := tableOf[T]().table
	e := expected[table.Name]
	e.Types = map[string]string{dateColumn: "VARCHAR"}
	for _, c := range table.Columns {
		e.Types[c.Name] = sqlType(c.Type)
	}
	for _, row := range rows {
		values := plainStruct(reflect.ValueOf(row), table.Columns)
		if table.Date != "" {
			v, _ := values[table.Date].(int64)
			d := trace.UnknownDate
			if values[table.Date] != nil {
				d = time.UnixMicro(v).UTC().Format(time.DateOnly)
			}
			values[dateColumn] = d
		} else {
			values[dateColumn] = *date
		}
		e.Rows = append(e.Rows, values)
	}
	expected[table.Name] = e
}

func plainStruct(v reflect.Value, columns []trace.Column) map[string]any {
	values := map[string]any{}
	for _, c := range columns {
		f := v.FieldByNameFunc(func(name string) bool {
			return strings.EqualFold(name, strings.ReplaceAll(c.Name, "_", ""))
		})
		values[c.Name] = plainValue(f, c)
	}
	return values
}

func plainValue(v reflect.Value, c trace.Column) any {
	nullable := v.Kind() == reflect.Pointer || v.Kind() == reflect.Map || v.Kind() == reflect.Slice
	if nullable && v.IsNil() || !c.Required && v.IsZero() {
		return nil
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch x := v.Interface().(type) {
	case time.Time:
		return x.UnixMicro()
	case float64:
		if c.Type == trace.Money {
			return int64(math.Round(x * 1e9))
		}
		return map[string]string{"double": pythonHex(x)}
	case map[string]string:
		return map[string]any{"map": x}
	case []trace.Passage, []trace.Span:
		list := []any{}
		for i := range v.Len() {
			list = append(list, plainStruct(v.Index(i), members(c.Type)))
		}
		return list
	}
	if v.Kind() == reflect.String {
		return v.String()
	}
	return v.Interface()
}

// pythonHex writes a double as Python's float.hex does.
func pythonHex(x float64) string {
	switch {
	case x == 0:
		return "0x0.0p+0"
	case math.Abs(x) < 0x1p-1022:
		return fmt.Sprintf("0x0.%013xp-1022", math.Float64bits(x))
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(x, 'x', 13, 64), "p")
	n := must(strconv.Atoi(exponent))
	return fmt.Sprintf("%sp%+d", mantissa, n)
}
