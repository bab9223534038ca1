package collector

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/collector/parquet"
	"weir/trace"
)

// What a process started by the test works on, and which of its lives it is.
const (
	chaosDir  = "WEIR_TEST_COLLECTOR_DIR"
	chaosLife = "WEIR_TEST_COLLECTOR_LIFE"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(chaosDir); dir != "" {
		if err := serveUntilKilled(dir, os.Getenv(chaosLife)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// serveUntilKilled records requests from several sides while it publishes, compacts and forgets,
// and says what is acknowledged: E an end, B a start before it, F that ann is forgotten as far as
// that.
func serveUntilKilled(dir, life string) error {
	lake, err := parquet.Open(filepath.Join(dir, "lake"))
	if err != nil {
		return err
	}
	c, err := New(Options{App: "bot", Lake: lake, Journal: filepath.Join(dir, "journal"), Fsync: 5 * time.Millisecond, Publish: 10 * time.Millisecond, SegmentBytes: 20_000})
	if err != nil {
		return err
	}
	go c.Run(context.Background())
	for user := range 4 {
		go func() {
			next := endedOf(life, user, 0)
			c.Record(trace.Record{Begun: new(next.Exchange)})
			for i := 0; ; i++ {
				e := next
				if i%7 == 0 {
					time.Sleep(time.Duration(i%5) * time.Millisecond)
				}
				next = endedOf(life, user, i+1)
				c.Record(trace.Record{Begun: new(next.Exchange)})
				c.Record(trace.Record{Ended: e})
				say("E " + e.Exchange.TraceID)
				say("B " + next.Exchange.TraceID)
			}
		}()
	}
	for {
		time.Sleep(7 * time.Millisecond)
		if _, err := lake.Compact(context.Background(), "bot", parquet.CompactOptions{}); err != nil {
			return err
		}
		if _, err := c.Forget(context.Background(), "ann"); err != nil {
			return err
		}
		say("F " + life)
	}
}

// endedOf is request i of a user in one of the process's lives; one in ten is ann's.
func endedOf(life string, user, i int) *trace.Ended {
	e, name := ended(fmt.Sprintf("%s.%d.%d", life, user, i)), "bob"
	if i%10 == 0 {
		name = "ann"
	}
	e.Exchange.UserID, e.Exchange.SessionID = name, name+"-"+life
	return e
}

// say writes a line at once.
func say(line string) { os.Stdout.WriteString(line + "\n") }

// acknowledged is what the lives of the process have said.
type acknowledged struct {
	begun, ended map[string]bool
	forgotten    int
}

// live runs the process until it is killed at a random moment.
func (a *acknowledged) live(t *testing.T, dir string, life int, after time.Duration) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), chaosDir+"="+dir, chaosLife+"="+strconv.Itoa(life))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out := must(cmd.StdoutPipe())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var kill sync.Once
	for lines := bufio.NewScanner(out); lines.Scan(); {
		kill.Do(func() { time.AfterFunc(after, func() { cmd.Process.Kill() }) })
		switch kind, id, _ := strings.Cut(lines.Text(), " "); kind {
		case "B":
			a.begun[id] = true
		case "E":
			a.ended[id] = true
		case "F":
			a.forgotten++
		}
	}
	if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("life %d ended by itself: %v %s", life, err, stderr.String())
	}
}

// Killed fifty times at random moments, while it records, publishes, compacts and forgets: no
// acknowledged record is lost, none is there twice, no file is torn, and who was forgotten is not
// there.
func TestKilledFiftyTimes(t *testing.T) {
	lives := 50
	if testing.Short() {
		lives = 10
	}
	dir := folder(t)
	r := rand.New(rand.NewPCG(uint64(os.Getpid()), 1))
	a := acknowledged{begun: map[string]bool{}, ended: map[string]bool{}}
	for life := range lives {
		a.live(t, dir, life, time.Duration(r.IntN(120_000))*time.Microsecond)
	}
	c := open(t, dir)
	flush(t, c)
	if h := c.Health(); h.Losses != nil || h.Waiting != 0 {
		t.Errorf("%+v", h)
	}

	got := traces(t, dir) // fails where one is there twice, or a file cannot be read
	anns := func(id string) bool { return strings.HasSuffix(id, "0") }
	for id := range a.begun {
		switch became := got[id]; {
		case anns(id):
		case became == "":
			t.Errorf("%s was acknowledged and is lost", id)
		case a.ended[id] && became != "ok":
			t.Errorf("%s has ended, and is %s", id, became)
		}
	}
	texts := map[string]int{}
	for _, row := range rows[trace.Content](t, dir) {
		if texts[row.TraceID]++; texts[row.TraceID] > 1 {
			t.Errorf("the text of %s is there twice", row.TraceID)
		}
	}
	crashed := 0
	for id, became := range got {
		// A forgetting that was killed may have taken ann's texts, and not yet her requests.
		if became == "ok" && texts[id] != 1 && !anns(id) {
			t.Errorf("%s has no text", id)
		}
		if became == Crashed {
			crashed++
		}
	}
	if _, err := c.Forget(t.Context(), "ann"); err != nil {
		t.Error(err)
	}
	for id := range traces(t, dir) {
		if anns(id) {
			t.Errorf("%s of ann is there", id)
		}
	}
	must(c.options.Lake.Compact(t.Context(), "bot", parquet.CompactOptions{}))
	filepath.WalkDir(filepath.Join(dir, "lake"), func(name string, d os.DirEntry, err error) error {
		if strings.HasSuffix(name, ".inprogress") {
			t.Errorf("%s is left", name)
		}
		return err
	})
	t.Logf("%d lives, %d requests acknowledged, %d crashed, forgotten %d times", lives, len(a.ended), crashed, a.forgotten)
	if len(a.ended) < 10*lives || crashed < lives/2 {
		t.Errorf("%d requests, %d crashed: nothing was tried", len(a.ended), crashed)
	}
}
