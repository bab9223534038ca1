package collector

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"weir/collector/parquet"
	"weir/internal/wal"
	"weir/trace"
)

var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// folder returns a new folder, in memory where the system has such.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "weir-collector")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// open returns a collector over the folders lake and journal of dir.
func open(t testing.TB, dir string, change ...func(*Options)) *Collector {
	t.Helper()
	o := Options{App: "bot", Journal: filepath.Join(dir, "journal"), Fsync: time.Hour}
	var err error
	if o.Lake, err = parquet.Open(filepath.Join(dir, "lake")); err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func exchange(id string) *trace.Exchange {
	version := "v1"
	if strings.HasSuffix(id, "2") {
		version = "v2"
	}
	return &trace.Exchange{TraceID: id, App: "bot", Release: "r", AssignedVersion: version, SessionID: "s-" + id, UserID: "u-" + id, StartedAt: start}
}

func ended(id string) *trace.Ended {
	e := *exchange(id)
	e.Status = new(int64(200))
	return &trace.Ended{Exchange: e, Content: &trace.Content{TraceID: id, App: "bot", Input: "in " + id, Output: "out " + id}}
}

func begin(c *Collector, id string) { c.Record(trace.Record{Begun: exchange(id)}) }
func end(c *Collector, id string)   { c.Record(trace.Record{Ended: ended(id)}) }

// waited has starts written that wait for others: they are under way for longer than that.
func waited(t testing.TB, c *Collector) {
	t.Helper()
	if err := c.log.Sync(); err != nil {
		t.Fatal(err)
	}
}

func flush(t testing.TB, c *Collector) {
	t.Helper()
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
}

// rows returns the rows of a kind of the lake in dir.
func rows[T parquet.Row](t testing.TB, dir string) []T {
	t.Helper()
	lake := must(parquet.Open(filepath.Join(dir, "lake")))
	var all []T
	for row, err := range parquet.ReadAll[T](t.Context(), lake, "") {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	return all
}

// traces returns what became of each trace in the lake; none may be there twice.
func traces(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, e := range rows[trace.Exchange](t, dir) {
		if _, twice := all[e.TraceID]; twice {
			t.Errorf("%s is there twice", e.TraceID)
		}
		all[e.TraceID] = "ok"
		if e.ErrorType != "" {
			all[e.TraceID] = e.ErrorType
		}
	}
	return all
}

func wantTraces(t testing.TB, dir string, want map[string]string) {
	t.Helper()
	if got := traces(t, dir); !maps.Equal(got, want) {
		t.Fatalf("the lake has %v\nwant %v", got, want)
	}
}

// crash returns a copy of the folder: what a process that is killed now leaves.
func crash(t testing.TB, dir string) string {
	t.Helper()
	to := filepath.Join(folder(t), "copy")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

func TestRecordsReachTheLake(t *testing.T) {
	dir := folder(t)
	c := open(t, dir, func(o *Options) {
		o.Publish = 10 * time.Millisecond
		o.Redact = func(s string) string { return strings.ReplaceAll(s, "secret", "[x]") }
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- c.Run(ctx) }()

	e := ended("t1")
	e.Content = &trace.Content{TraceID: "t1", App: "bot", Input: "secret", Output: "a secret", Prompt: "secret", ToolCalls: `["secret"]`, Retrieval: []trace.Passage{{Rank: 1, Text: "secret"}}}
	begin(c, "t1")
	c.Record(trace.Record{Ended: e})
	if e.Content.Input != "secret" || e.Content.Retrieval[0].Text != "secret" {
		t.Error("what was handed in was modified")
	}
	c.Record(trace.Record{Outcome: &trace.Outcome{OutcomeID: "o", App: "bot", TraceID: "t1", Name: "resolved", Value: 1, Comment: "secret", OccurredAt: start}})
	c.Record(trace.Record{Event: &trace.Event{EventID: "e", App: "bot", Kind: "share", OccurredAt: start}})
	for len(traces(t, dir)) == 0 { // without being asked
		time.Sleep(5 * time.Millisecond)
	}
	end(c, "t2") // without a start, at the last moment
	cancel()
	if err := errors.Join(<-done, c.Close(), c.Close()); err != nil {
		t.Fatal(err)
	}
	wantTraces(t, dir, map[string]string{"t1": "ok", "t2": "ok"})
	contents := rows[trace.Content](t, dir)
	if len(contents) != 2 || contents[0].Input != "[x]" || contents[0].Output != "a [x]" || contents[0].Prompt != "[x]" || contents[0].ToolCalls != `["[x]"]` || contents[0].Retrieval[0].Text != "[x]" {
		t.Errorf("%+v", contents)
	}
	if o := rows[trace.Outcome](t, dir); len(o) != 1 || o[0].Comment != "[x]" {
		t.Errorf("%+v", o)
	}
	if e := rows[trace.Event](t, dir); len(e) != 1 {
		t.Errorf("%+v", e)
	}
	h := c.Health()
	if h.Begun != 1 || h.Ended != 2 || h.Outcomes != 1 || h.Events != 1 || h.Rows != 4 || h.Open != 0 || h.Waiting != 0 || h.Err != nil || h.Losses != nil {
		t.Errorf("%+v", h)
	}
	if left := must(filepath.Glob(filepath.Join(dir, "journal", "*.wal"))); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
}

// A start is carried on as long as its request takes, and is a row once: as ended, or as crashed
// when the process dies before.
func TestLongRequests(t *testing.T) {
	dir := folder(t)
	c := open(t, dir)
	begin(c, "long")
	for i := range 5 {
		end(c, fmt.Sprint("t", i))
		flush(t, c)
	}
	killed := crash(t, dir)
	flush(t, open(t, killed))
	if got := traces(t, killed); got["long"] != Crashed || len(got) != 6 {
		t.Errorf("killed: %v", got)
	}
	killed = crash(t, killed) // and killed again
	flush(t, open(t, killed))
	if got := traces(t, killed); got["long"] != Crashed || len(got) != 6 {
		t.Errorf("killed twice: %v", got)
	}

	end(c, "long")
	killed = crash(t, dir)
	flush(t, open(t, killed))
	if got := traces(t, killed); got["long"] != "ok" || len(got) != 6 {
		t.Errorf("ended: %v", got)
	}
}

// A crashed row says all that its start said.
func TestCrashedRow(t *testing.T) {
	dir := folder(t)
	e := exchange("t2")
	e.Propensity, e.Epoch, e.Attributes = new(.5), new(int64(3)), map[string]string{"tier": "gold"}
	c := open(t, dir)
	c.Record(trace.Record{Begun: e})
	waited(t, c)
	killed := crash(t, dir)
	flush(t, open(t, killed))
	got := rows[trace.Exchange](t, killed)
	if len(got) != 1 || got[0].ErrorType != Crashed || got[0].AssignedVersion != "v2" || *got[0].Propensity != .5 || *got[0].Epoch != 3 || got[0].Attributes["tier"] != "gold" || got[0].Status != nil || got[0].LatencyMS != nil {
		t.Errorf("%+v", got)
	}
}

// Random histories of requests, flushes, shutdowns, kills and broken lakes: every request that was
// acknowledged is a row, once.
func TestHistories(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		dir := folder(t)
		small := func(o *Options) { o.SegmentBytes = 1 + r.Int64N(3000) }
		c := open(t, dir, small)
		want := map[string]string{}
		var running []string
		lost := func() { // the requests under way are lost with their process
			for _, id := range running {
				want[id] = Crashed
			}
			running = nil
		}
		for i := range 200 {
			switch id := fmt.Sprint("t", i); r.IntN(20) {
			default:
				begin(c, id)
				running = append(running, id)
			case 0, 1, 2, 3, 4, 5, 6, 7:
				if len(running) > 0 {
					j := r.IntN(len(running))
					end(c, running[j])
					want[running[j]] = "ok"
					running = slices.Delete(running, j, j+1)
				}
			case 8:
				flush(t, c)
			case 9: // an orderly end, with requests under way
				flush(t, c)
				if err := c.Close(); err != nil {
					t.Fatal(err)
				}
				c = open(t, dir, small)
				lost()
			case 10, 11:
				waited(t, c)
				dir = crash(t, dir)
				c = open(t, dir, small)
				lost()
				if r.IntN(2) == 0 { // killed after the ends of what had crashed were written
					must(0, c.publishHalf())
				}
			case 12:
				must(must(parquet.Open(filepath.Join(dir, "lake"))).Compact(t.Context(), "bot", parquet.CompactOptions{}))
			case 13:
				end(c, id)
				want[id] = "ok"
				breakLake(t, dir)
				if c.Flush() == nil {
					t.Fatal("published to a broken lake")
				}
				mendLake(t, dir)
			}
		}
		for _, id := range running {
			end(c, id)
			want[id] = "ok"
		}
		flush(t, c)
		wantTraces(t, dir, want)
		if n := len(rows[trace.Content](t, dir)); n > len(want) {
			t.Errorf("%d texts of %d rows", n, len(want))
		}
		c.Close()
	}
}

// publishHalf publishes as far as a process that is killed in between might.
func (c *Collector) publishHalf() error {
	c.publishing.Lock()
	defer c.publishing.Unlock()
	if err := c.recover(); err != nil {
		return err
	}
	segments := c.log.Segments()
	if len(segments) == 0 {
		return nil
	}
	// The first is committed, and neither carried nor dropped.
	p := &publication{c: c, name: c.batchName(segments[0]), starts: map[string][]byte{}, lost: map[loss]int64{}}
	if _, err := c.log.Replay(segments[0], p.add); err != nil {
		return err
	}
	return p.commit()
}

// breakLake puts a file where the lake's traces would be.
func breakLake(t testing.TB, dir string) {
	t.Helper()
	traces := filepath.Join(dir, "lake", "manifest.json")
	if _, err := os.Stat(traces); err == nil {
		if err := os.Rename(traces, traces+".aside"); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(traces, 0o700); err != nil {
		t.Fatal(err)
	}
}

func mendLake(t testing.TB, dir string) {
	t.Helper()
	traces := filepath.Join(dir, "lake", "manifest.json")
	if err := os.Remove(traces); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(traces+".aside", traces); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
}

// Killed between commit and drop, and compacted before it comes again: the rows are there once.
func TestCompactedBeforeItComesAgain(t *testing.T) {
	dir := folder(t)
	c := open(t, dir)
	begin(c, "open")
	end(c, "t1")
	end(c, "t2")
	c.log.Rotate()
	must(0, c.publishHalf())
	begin(c, "next")
	end(c, "t3")
	c.log.Rotate()
	lake := c.options.Lake
	must(0, func() error { // a second batch, so that there is something to merge
		b := must(lake.Begin("other"))
		return errors.Join(b.Exchange(exchange("o")), b.Content("2026-11-23", &trace.Content{TraceID: "o", App: "bot"}), b.Commit())
	}())
	if r := must(lake.Compact(t.Context(), "bot", parquet.CompactOptions{})); r.Merged != 4 {
		t.Fatalf("%+v", r)
	}
	killed := crash(t, dir)
	flush(t, open(t, killed))
	wantTraces(t, killed, map[string]string{"o": "ok", "t1": "ok", "t2": "ok", "t3": "ok", "open": Crashed, "next": Crashed})
}

// Requests begin and end while segments are published: none is taken for crashed afterwards.
func TestRecordAndPublishAtOnce(t *testing.T) {
	dir := folder(t)
	c := open(t, dir, func(o *Options) { o.SegmentBytes = 2000 })
	stop := make(chan struct{})
	var publisher, users sync.WaitGroup
	publisher.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				if err := c.Flush(); err != nil {
					t.Error(err)
				}
			}
		}
	})
	want := map[string]string{}
	for u := range 4 {
		for i := range 150 {
			want[fmt.Sprintf("t%d.%d", u, i)] = "ok"
		}
		users.Go(func() {
			r := rand.New(rand.NewPCG(uint64(u), 1))
			var running []string
			for i := range 150 {
				id := fmt.Sprintf("t%d.%d", u, i)
				begin(c, id)
				running = append(running, id)
				for len(running) > r.IntN(10) {
					end(c, running[0])
					running = running[1:]
				}
				if i%10 == 0 {
					time.Sleep(time.Millisecond)
				}
			}
			for _, id := range running {
				end(c, id)
			}
		})
	}
	users.Wait()
	close(stop)
	publisher.Wait()
	killed := crash(t, dir)
	flush(t, open(t, killed))
	wantTraces(t, killed, want)
	if n := c.Health().Open; n != 0 {
		t.Errorf("%d requests are open", n)
	}
}

// faulty is a disk that refuses to write while err is set.
type faulty struct {
	mu  sync.Mutex
	err error
}

func (f *faulty) set(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *faulty) create(path string) (wal.File, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	return faultyFile{file, f}, err
}

type faultyFile struct {
	*os.File
	disk *faulty
}

func (f faultyFile) WriteAt(p []byte, off int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.disk.err != nil {
		return 0, f.disk.err
	}
	return f.File.WriteAt(p, off)
}

// On a full disk requests go on; what is lost is counted by version, outlives the process, and is
// in the lake once there is room again.
func TestDiskFull(t *testing.T) {
	for err, reason := range map[error]string{syscall.ENOSPC: DiskFull, syscall.EROFS: Permission, syscall.EACCES: Permission, syscall.EIO: DiskError} {
		t.Run(reason, func(t *testing.T) {
			dir := folder(t)
			disk := &faulty{}
			at := start
			c := open(t, dir, func(o *Options) { o.Create, o.Now = disk.create, func() time.Time { return at } })
			begin(c, "a1")
			end(c, "b1")
			disk.set(err)
			end(c, "a1")
			at = at.Add(time.Second)
			for _, id := range []string{"c1", "c2", "d2"} {
				begin(c, id)
				end(c, id)
			}
			if got := c.Outcome(&trace.Outcome{OutcomeID: "o", App: "bot", TraceID: "b1", Name: "resolved"}); !errors.Is(got, err) {
				t.Error(got)
			}
			if h := c.Health(); h.Healthy() || h.Err != nil { // the lake is well: nothing comes of it
				t.Errorf("healthy while rows are lost: %+v", h)
			}
			breakLake(t, dir)
			if c.Flush() == nil {
				t.Error("published")
			}
			h := c.Health()
			want := []Lost{{"r", "v1", reason, 2}, {"r", "v2", reason, 2}}
			if !slices.Equal(h.Losses, want) || h.Open != 0 || !h.Losing {
				t.Errorf("%+v", h)
			}

			killed := crash(t, dir)
			for _, dir := range []string{dir, killed} { // killed before there is room, or not
				if dir == killed {
					c = open(t, dir, func(o *Options) { o.Now = func() time.Time { return at.Add(time.Hour) } })
				}
				mendLake(t, dir)
				disk.set(nil)
				end(c, "e1")
				flush(t, c)
				if h := c.Health(); !h.Healthy() {
					t.Errorf("not healthy though there is room again: %+v", h)
				}
				traces := map[string]string{"b1": "ok", "e1": "ok"}
				if dir == killed {
					traces["a1"] = Crashed // nobody could write that its end is counted already
				}
				wantTraces(t, dir, traces)
				losses := rows[trace.Loss](t, dir)
				slices.SortFunc(losses, func(a, b trace.Loss) int { return strings.Compare(a.Version, b.Version) })
				if len(losses) != 2 {
					t.Fatalf("%+v", losses)
				}
				for i, l := range losses {
					if l.App != "bot" || l.Release != "r" || l.Version != fmt.Sprint("v", i+1) || l.Reason != reason || l.Rows != 2 || !l.EndedAt.Equal(at) || l.Source == "" {
						t.Errorf("%+v", l)
					}
				}
				if !losses[0].StartedAt.Equal(start) || !losses[1].StartedAt.Equal(at) {
					t.Errorf("%+v", losses)
				}
				flush(t, c)
				again := crash(t, dir)
				flush(t, open(t, again))
				if n := len(rows[trace.Loss](t, again)); n != 2 {
					t.Errorf("%d losses after another life", n)
				}
			}
		})
	}
}

// A loss that was written down while the slot still has it is one loss.
func TestLossWrittenAndKept(t *testing.T) {
	dir := folder(t)
	c := open(t, dir)
	c.lose(loss{"bot", "r", "v2", DiskFull})
	pending, _ := c.losses.list()
	must(0, c.slot.save(pending))
	c.appendLosses()
	killed := crash(t, dir) // before the slot was emptied
	flush(t, open(t, killed))
	if l := rows[trace.Loss](t, killed); len(l) != 1 || l[0].Rows != 1 {
		t.Errorf("%+v", l)
	}
}

// While the lake is out of order rows wait on disk; from half of what may wait on texts are
// dropped, then rows.
func TestBacklog(t *testing.T) {
	dir := folder(t)
	c := open(t, dir, func(o *Options) { o.Backlog, o.SegmentBytes = 20_000, 2000 })
	breakLake(t, dir)
	id := func(i int) string { return fmt.Sprintf("t%03d2", i) }
	for i := range 300 {
		begin(c, id(i))
		end(c, id(i))
		if i%50 == 0 && c.Flush() == nil {
			t.Fatal("published")
		}
	}
	h := c.Health()
	if h.Err == nil || h.Waiting > 21_000 || len(h.Losses) != 1 || h.Losses[0].Reason != BacklogFull || len(h.Texts) != 1 || h.Texts[0].Version != "v2" {
		t.Fatalf("%+v", h)
	}
	mendLake(t, dir)
	flush(t, c)
	all := rows[trace.Exchange](t, dir)
	texts := rows[trace.Content](t, dir)
	truncated := 0
	for i, e := range all {
		if e.TraceID != id(i) {
			t.Fatalf("row %d is of %s", i, e.TraceID)
		}
		if e.Truncated != nil && *e.Truncated {
			truncated++
		}
	}
	if int64(len(all))+h.Losses[0].Rows != 300 || len(texts)+truncated != len(all) || int64(truncated) != h.Texts[0].Rows || len(texts) < 10 {
		t.Errorf("%d rows, %d texts, %d truncated, %+v", len(all), len(texts), truncated, h)
	}
	lost := int64(0)
	for _, l := range rows[trace.Loss](t, dir) {
		lost += l.Rows
	}
	if lost != h.Losses[0].Rows {
		t.Errorf("%d rows are lost in the lake", lost)
	}
	if err := c.Health().Err; err != nil {
		t.Error(err)
	}
	end(c, "after")
	flush(t, c)
	if got := traces(t, dir); got["after"] != "ok" {
		t.Error("nothing is kept any more")
	}
}

// A text that is too large, or one too many at a time, costs itself and not the row.
func TestTextsBeyondBounds(t *testing.T) {
	dir := folder(t)
	c := open(t, dir, func(o *Options) { o.InFlight = 20 << 20 })
	e := ended("huge2")
	e.Content.Output = strings.Repeat("x", 17<<20)
	c.Record(trace.Record{Ended: e})
	e = ended("many1")
	e.Content.Output = strings.Repeat("x", 21<<20)
	c.Record(trace.Record{Ended: e})
	end(c, "fine1")
	flush(t, c)
	wantTraces(t, dir, map[string]string{"huge2": "ok", "many1": "ok", "fine1": "ok"})
	if n := len(rows[trace.Content](t, dir)); n != 1 {
		t.Errorf("%d texts", n)
	}
	if h := c.Health(); !slices.Equal(h.Texts, []LostTexts{{"v1", 1}, {"v2", 1}}) || h.Losses != nil {
		t.Errorf("%+v", h)
	}
}

func TestOpenRequestsAreBounded(t *testing.T) {
	dir := folder(t)
	c := open(t, dir, func(o *Options) { o.OpenRequests = 10 })
	for i := range 100 {
		begin(c, fmt.Sprint(i))
	}
	if n := c.Health().Open; n != 10 {
		t.Errorf("%d are remembered", n)
	}
	for i := range 100 {
		end(c, fmt.Sprint(i))
	}
	flush(t, c)
	if n := len(traces(t, dir)); n != 100 {
		t.Errorf("%d rows", n)
	}
}

// A row that the lake refuses is a loss of its version; the others are published.
func TestBadRow(t *testing.T) {
	dir := folder(t)
	c := open(t, dir)
	bad := ended("bad2")
	bad.Exchange.App = "no/name"
	c.Record(trace.Record{Ended: bad})
	end(c, "t1")
	flush(t, c)
	wantTraces(t, dir, map[string]string{"t1": "ok"})
	if h := c.Health(); !slices.Equal(h.Losses, []Lost{{"r", "v2", BadRow, 1}}) {
		t.Errorf("%+v", h.Losses)
	}
}

// Damage to the journal is a loss of nobody knows whom; the rows around it are published.
func TestDamagedJournal(t *testing.T) {
	dir := folder(t)
	c := open(t, dir)
	for i := range 10 {
		end(c, fmt.Sprint("t", i))
	}
	c.log.Rotate()
	s := c.log.Segments()[0]
	content := must(os.ReadFile(s.Path))
	content[len(content)/2] ^= 1
	must(0, os.WriteFile(s.Path, content, 0o600))
	flush(t, c)
	if n := len(traces(t, dir)); n != 9 {
		t.Errorf("%d rows", n)
	}
	flush(t, c)
	if l := rows[trace.Loss](t, dir); len(l) != 1 || l[0].Reason != JournalDamaged || l[0].Rows != 1 || l[0].Version != "" || l[0].App != "bot" {
		t.Errorf("%+v", l)
	}
}

// What a newer Weir left is left for it; everything else is published.
func TestNewerJournal(t *testing.T) {
	dir := folder(t)
	c := open(t, dir)
	if err := c.log.Append([]byte{99, 1, 2}); err != nil {
		t.Fatal(err)
	}
	c.log.Rotate()
	end(c, "t1")
	killed := crash(t, dir)
	c = open(t, killed)
	end(c, "t3")
	if err := c.Flush(); err == nil || !strings.Contains(err.Error(), "newer Weir") || c.Health().Err == nil {
		t.Error(err)
	}
	wantTraces(t, killed, map[string]string{"t1": "ok", "t3": "ok"})
	if n := len(c.log.Segments()); n != 1 {
		t.Errorf("%d segments are left", n)
	}
}

func TestOptions(t *testing.T) {
	lake := must(parquet.Open(folder(t)))
	for _, o := range []Options{{}, {App: "bot"}, {App: "a/b", Lake: lake, Journal: "x"}, {App: "bot", Lake: lake}, {App: "bot", Lake: lake, Journal: "x", Publish: -1}} {
		if _, err := New(o); err == nil || !strings.HasPrefix(err.Error(), "collector: ") {
			t.Errorf("%+v: %v", o, err)
		}
	}
	dir := folder(t)
	c := open(t, dir)
	if _, err := New(c.options); !errors.Is(err, wal.ErrLocked) {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	end(c, "late2")
	if h := c.Health(); !slices.Equal(h.Losses, []Lost{{"r", "v2", Closed, 1}}) {
		t.Errorf("%+v", h.Losses)
	}
	if err := c.Flush(); !errors.Is(err, wal.ErrClosed) {
		t.Error(err)
	}
	if again := open(t, dir); again.instance != c.instance {
		t.Error("the journal has another name")
	}
}

// The lake is told which batches will not come again.
func TestSettle(t *testing.T) {
	dir := folder(t)
	c := open(t, dir)
	for i := range settleAfter {
		end(c, fmt.Sprint("t", i))
		c.log.Rotate()
	}
	flush(t, c)
	for _, f := range must(c.options.Lake.Files("traces", "")) {
		if f.Batch != "" {
			t.Fatalf("%s is of batch %s", f.Path, f.Batch)
		}
	}
}

// TestRemoved goes on past files that somebody removed, however many, and counts
// what was in them.
func TestRemoved(t *testing.T) {
	dir := folder(t)
	c := open(t, dir, func(o *Options) { o.SegmentBytes = 1 })
	const lost = 5 // more than are tried while the lake is out of order
	for i := range lost + 1 {
		end(c, fmt.Sprint("t", i))
	}
	for _, s := range must(wal.List(filepath.Join(dir, "journal")))[:lost] {
		if err := os.Remove(s.Path); err != nil {
			t.Fatal(err)
		}
	}
	flush(t, c)
	if got := rows[trace.Exchange](t, dir); len(got) != 1 || got[0].TraceID != fmt.Sprint("t", lost) {
		t.Errorf("in the lake are %v", got)
	}
	flush(t, c)
	if l := rows[trace.Loss](t, dir); len(l) != 1 || l[0].Reason != JournalDamaged || l[0].Rows != lost || l[0].App != "bot" {
		t.Errorf("losses %+v", l)
	}
}
