package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)

func change(n int) Entry {
	return Entry{
		At: start.Add(time.Duration(n) * time.Second), Actor: "ci \"ü\"", Kind: KindShare, Reason: fmt.Sprint("because of ", n),
		App: "bot", Release: "r1", Promise: "abc", State: State{Epoch: int64(n), Share: 0.05, BeganAt: start, ShareSince: start},
	}
}

func open(t *testing.T, path string) *Ledger {
	t.Helper()
	l, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func grow(t *testing.T, l *Ledger, n int) {
	t.Helper()
	for range n {
		last := l.Last().Seq
		if _, err := l.Append(last, change(int(last)+1)); err != nil {
			t.Fatal(err)
		}
	}
}

// filled is the path of a closed ledger with three changes.
func filled(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "state", "bot.jsonl")
	l := open(t, path)
	grow(t, l, 3)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLastLineIsTheState(t *testing.T) {
	path := filled(t)
	l := open(t, path)
	want := change(3)
	want.Schema, want.Seq = schema, 3
	if got := l.Last(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	entries, err := l.Entries()
	if err != nil || len(entries) != 3 || !reflect.DeepEqual(entries[2], want) {
		t.Errorf("%v, %v", entries, err)
	}
	grow(t, l, 1)
	if entries, _ := l.Entries(); len(entries) != 4 || entries[3].Seq != 4 {
		t.Errorf("%v", entries)
	}
}

func TestSpecIsThatOfTheLastLineWithOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.jsonl")
	l := open(t, path)
	e := change(1)
	e.Spec = []byte(`{"app":"bot"}`)
	if _, err := l.Append(0, e); err != nil {
		t.Fatal(err)
	}
	grow(t, l, 2)
	l.Close()
	if got := string(open(t, path).Spec()); got != `{"app":"bot"}` {
		t.Errorf("got %s", got)
	}
}

func TestTornLineIsDropped(t *testing.T) {
	whole, err := os.ReadFile(filled(t))
	if err != nil {
		t.Fatal(err)
	}
	second := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	for cut := second + 1; cut < len(whole); cut++ {
		path := filepath.Join(t.TempDir(), "bot.jsonl")
		if err := os.WriteFile(path, whole[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		l := open(t, path)
		if l.Last().Seq != 2 || l.Dropped != int64(cut-second) {
			t.Fatalf("cut at %d: change %d, dropped %d", cut, l.Last().Seq, l.Dropped)
		}
		grow(t, l, 1)
		l.Close()
		if again, _ := os.ReadFile(path); !bytes.Equal(again, whole) {
			t.Fatalf("cut at %d: written again it is\n%s", cut, again)
		}
	}
}

func TestDamageIsRefused(t *testing.T) {
	whole, err := os.ReadFile(filled(t))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	for name, text := range map[string]string{
		"a flipped digit":         strings.Replace(string(whole), `"epoch":2`, `"epoch":7`, 1),
		"a line cut short":        lines[0] + lines[1][:20] + "\n" + lines[2],
		"a line gone":             lines[0] + lines[2],
		"a line twice":            lines[0] + lines[1] + lines[1] + lines[2],
		"no line of ours":         lines[0] + "{}\n" + lines[2],
		"zeros at the end":        string(whole) + strings.Repeat("\x00", 30) + "\n",
		"an end without checksum": string(whole) + "hello\n",
	} {
		path := filepath.Join(t.TempDir(), "bot.jsonl")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Open(path)
		if err == nil || !strings.Contains(err.Error(), "is damaged") || !strings.Contains(err.Error(), "restore the file") {
			t.Errorf("%s: %v", name, err)
		}
		if after, _ := os.ReadFile(path); string(after) != text {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

func TestLaterLayoutIsRefused(t *testing.T) {
	e := change(1)
	e.Schema, e.Seq = schema+1, 1
	line, err := encode(e)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bot.jsonl")
	if err := os.WriteFile(path, line, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "use the Weir that wrote it") {
		t.Error(err)
	}
}

// A file of this layout is read for good.
func TestFixture(t *testing.T) {
	raw, err := os.ReadFile("testdata/v1.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bot.jsonl")
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	l := open(t, path)
	if e := l.Last(); e.Seq != 3 || e.State.Share != 0.05 || l.Dropped != 0 {
		t.Errorf("%+v", e)
	}
}

func TestOfAppendsAtOnceOneIsFirst(t *testing.T) {
	l := open(t, filled(t))
	var group sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		group.Go(func() { _, errs[i] = l.Append(3, change(4)) })
	}
	group.Wait()
	won := 0
	for _, err := range errs {
		var conflict *ConflictError
		if err == nil {
			won++
		} else if !errors.As(err, &conflict) || conflict.Found != 4 {
			t.Error(err)
		}
	}
	if entries, _ := l.Entries(); won != 1 || len(entries) != 4 {
		t.Errorf("%d won, %d changes", won, len(entries))
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	path := filled(t)
	open(t, path)
	if _, err := Open(path); !errors.Is(err, ErrHeld) {
		t.Error(err)
	}
}

func TestFailedWriteChangesNothing(t *testing.T) {
	path := filled(t)
	l := open(t, path)
	before, _ := os.ReadFile(path)
	whole := l.file
	l.file, _ = os.Open(path) // read only
	if _, err := l.Append(3, change(4)); err == nil {
		t.Fatal("written without a way to write")
	}
	l.file.Close()
	l.file = whole
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) || l.Last().Seq != 3 {
		t.Errorf("change %d, file\n%s", l.Last().Seq, after)
	}
	grow(t, l, 1)
}

// TestKill kills a process that writes changes, at any moment: what it
// acknowledged is there, in order, and the ledger opens.
func TestKill(t *testing.T) {
	if path := os.Getenv("LEDGER_TO_FILL"); path != "" {
		fill(path)
	}
	path := filepath.Join(t.TempDir(), "bot.jsonl")
	for round := range 20 {
		child := exec.Command(os.Args[0], "-test.run=^TestKill$")
		child.Env = append(os.Environ(), "LEDGER_TO_FILL="+path)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		acknowledged := int64(0)
		for buffer := make([]byte, 1); ; {
			if _, err := out.Read(buffer); err != nil {
				break
			}
			if acknowledged++; acknowledged == int64(3+round*5%13) {
				child.Process.Kill()
			}
		}
		child.Wait()
		l := open(t, path)
		entries, err := l.Entries()
		if err != nil {
			t.Fatal(err)
		}
		if n := int64(len(entries)); n < acknowledged || n != l.Last().Seq {
			t.Fatalf("round %d: %d acknowledged, %d there", round, acknowledged, n)
		}
		l.Close()
		os.Remove(path)
	}
}

// fill writes changes until somebody ends it, a byte on standard output for each.
func fill(path string) {
	l, err := Open(path)
	if err != nil {
		panic(err)
	}
	for n := int64(0); ; n++ {
		if _, err := l.Append(n, change(int(n)+1)); err != nil {
			panic(err)
		}
		os.Stdout.Write([]byte("."))
	}
}
