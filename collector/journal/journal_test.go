package journal

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"weir/trace"
)

var update = flag.Bool("update", false, "write testdata of this version anew")

// fill gives every field of a value something of its own; with chance, leaves some at zero.
func fill(r *rand.Rand, chance float64, v reflect.Value) {
	if r.Float64() < chance && v.Kind() != reflect.Struct {
		return
	}
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.UnixMicro(r.Int64N(4e15) - 1e15).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.String:
		letters := []string{"a", "ö", "例", "\x00", "\xff", " "}
		var s strings.Builder
		for range 1 + r.IntN(20) {
			s.WriteString(letters[r.IntN(len(letters))])
		}
		v.SetString(s.String())
	case reflect.Int64:
		v.SetInt(int64(r.Uint64()) >> r.IntN(64))
	case reflect.Float64:
		v.SetFloat(r.NormFloat64() * 1e6)
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(r, 0, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1+r.IntN(3), 3))
		for i := range v.Len() {
			fill(r, chance, v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 1 + r.IntN(3) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(r, chance, key)
			fill(r, chance, value)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, chance, v.Field(i))
		}
	default:
		panic(fmt.Sprint("a field of type ", v.Type(), " is not filled"))
	}
}

func filled[T any](r *rand.Rand, chance float64) *T {
	v := new(T)
	fill(r, chance, reflect.ValueOf(v).Elem())
	return v
}

func entries(r *rand.Rand, chance float64) []Entry {
	ended := filled[trace.Ended](r, chance)
	return []Entry{
		{Record: trace.Record{Begun: filled[trace.Exchange](r, chance)}},
		{Record: trace.Record{Ended: ended}},
		{Record: trace.Record{Ended: &trace.Ended{Exchange: ended.Exchange}}},
		{Record: trace.Record{Outcome: filled[trace.Outcome](r, chance)}},
		{Record: trace.Record{Event: filled[trace.Event](r, chance)}},
		{Loss: filled[trace.Loss](r, chance)},
		{Void: "trace"},
	}
}

// What goes in comes out, every field of it; what is null stays null.
func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var d Decoder
	for i := range 500 {
		for _, e := range entries(r, float64(i%5)/5) {
			b := Append([]byte("before"), &e)[len("before"):]
			got, err := d.Decode(b)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, e) {
				t.Fatalf("got %+v\nwant %+v", got, e)
			}
			if again := Append(nil, &got); !bytes.Equal(again, b) {
				t.Fatal("the same entry has other bytes")
			}
		}
	}
}

// A decoded entry does not change with the bytes it came from.
func TestDecodedIsACopy(t *testing.T) {
	var d Decoder
	e := entries(rand.New(rand.NewPCG(1, 2)), 0)[1]
	b := Append(nil, &e)
	got, _ := d.Decode(b)
	clear(b)
	d.Decode(Append(nil, &e))
	if !reflect.DeepEqual(got, e) {
		t.Error("it changed")
	}
}

// Logs of every version so far are read.
func TestFixtures(t *testing.T) {
	want := entries(rand.New(rand.NewPCG(3, 4)), 0.3)
	if *update {
		var lines []string
		for _, e := range want {
			lines = append(lines, hex.EncodeToString(Append(nil, &e)))
		}
		name := filepath.Join("testdata", fmt.Sprintf("v%d.hex", version))
		if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	names, _ := filepath.Glob("testdata/v*.hex")
	if len(names) == 0 {
		t.Fatal("no fixtures")
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Fields(string(content)) {
			b, err := hex.DecodeString(line)
			if err != nil {
				t.Fatal(err)
			}
			var d Decoder
			got, err := d.Decode(b)
			if err != nil || !reflect.DeepEqual(got, want[i]) {
				t.Errorf("%s: entry %d: %v\ngot  %+v\nwant %+v", name, i, err, got, want[i])
			}
		}
	}
}

// A column of a newer Weir is passed over, wherever it stands.
func TestUnknownFieldsAreSkipped(t *testing.T) {
	want := entries(rand.New(rand.NewPCG(1, 2)), 0)[1]
	b := Append(nil, &want)
	newer := putText(putDouble(putInt(b[:2:2], 90, 5), 91, 2), 92, "new")
	var d Decoder
	got, err := d.Decode(append(newer, b[2:]...))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v %+v", err, got)
	}
}

func TestNewer(t *testing.T) {
	var d Decoder
	for _, b := range [][]byte{{version + 1, kindBegun}, {version, 99}} {
		if _, err := d.Decode(b); !errors.Is(err, ErrNewer) {
			t.Error(err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, e := range entries(rand.New(rand.NewPCG(1, 2)), 0.3) {
		f.Add(Append(nil, &e))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var d Decoder
		e, err := d.Decode(b)
		if err != nil {
			if !errors.Is(err, ErrNewer) && !errors.Is(err, ErrDamaged) {
				t.Error(err)
			}
			return
		}
		again, err := d.Decode(Append(nil, &e))
		if err != nil || fmt.Sprintf("%#v", again.Void) != fmt.Sprintf("%#v", e.Void) {
			t.Errorf("its own bytes: %v", err)
		}
	})
}

// typical returns the end of a request with 2 KB of text.
func typical() Entry {
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	return Entry{Record: trace.Record{Ended: &trace.Ended{
		Exchange: trace.Exchange{
			TraceID: "4bf92f3577b34da6a3ce929d0e0e4736", App: "support-bot", Release: "2026-11-rag", SessionID: "session-1234567", UserID: "user-4567", UnitID: "session-1234567", Turn: new(int64(3)),
			AssignedVersion: "v1", ServedVersion: "v1", Reason: trace.ReasonSplit, Randomized: new(true), Propensity: new(.8), Epoch: new(int64(2)), ServingEpoch: new(int64(2)), AssignedAt: at, PromiseHash: "sha256:0123456789abcdef",
			StartedAt: at, LatencyMS: new(812.5), TTFTMS: new(120.25), UpstreamMS: new(811.0), Status: new(int64(200)), Streamed: new(true), Truncated: new(false),
			Model: "gpt-4o-mini", InputTokens: new(int64(700)), OutputTokens: new(int64(120)), CachedTokens: new(int64(0)), CostUSD: new(1.5e-4), UsageSource: trace.UsageReported,
			Device: "mobile", Region: "DE", Language: "de", Attributes: map[string]string{"tier": "gold"},
		},
		Content: &trace.Content{TraceID: "4bf92f3577b34da6a3ce929d0e0e4736", App: "support-bot", Input: strings.Repeat("Where is my order? ", 20), Output: strings.Repeat("It will be with you tomorrow. ", 45)},
	}}}
}

func BenchmarkAppend(b *testing.B) {
	e := typical()
	var buffer []byte
	b.ReportAllocs()
	for b.Loop() {
		buffer = Append(buffer[:0], &e)
	}
	b.SetBytes(int64(len(buffer)))
}

func BenchmarkDecode(b *testing.B) {
	e := typical()
	buffer := Append(nil, &e)
	b.SetBytes(int64(len(buffer)))
	b.ReportAllocs()
	var d Decoder
	for b.Loop() {
		if _, err := d.Decode(buffer); err != nil {
			b.Fatal(err)
		}
	}
}
