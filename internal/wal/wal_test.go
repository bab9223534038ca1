package wal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func open(t testing.TB, dir string, o Options) *Log {
	t.Helper()
	l, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// all returns the records of all segments, and what their replay reported.
func all(t rapid.TB, l *Log) (records []string, total Replayed) {
	t.Helper()
	for _, s := range l.Segments() {
		r, err := l.Replay(s, func(b []byte) error {
			records = append(records, string(b))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		total.Records += r.Records
		total.Lost += r.Lost
		total.Tail += r.Tail
		total.Damage = append(total.Damage, r.Damage...)
	}
	return records, total
}

func equal(t rapid.TB, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("record %d is %.40q, want %.40q", i, got[i], want[i])
		}
	}
}

// Whatever is appended comes back, in order, through rotations and lives.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir := must(os.MkdirTemp("", "wal"))
		defer os.RemoveAll(dir)
		o := Options{
			Fsync:        rapid.SampledFrom([]time.Duration{0, time.Hour}).Draw(t, "fsync"),
			Linger:       rapid.SampledFrom([]time.Duration{0, time.Hour}).Draw(t, "linger"),
			SegmentBytes: int64(rapid.IntRange(1, 3000).Draw(t, "bytes")),
		}
		l := must(Open(dir, o))
		var want []string
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "step") {
			case 0:
				if err := l.Rotate(); err != nil {
					t.Fatal(err)
				}
			case 1:
				if err := l.Close(); err != nil {
					t.Fatal(err)
				}
				l = must(Open(dir, o))
			default:
				record, add := string(rapid.SliceOfN(rapid.Byte(), 0, 1000).Draw(t, "record")), l.Append
				if rapid.Bool().Draw(t, "soon") {
					add = l.AppendSoon
				}
				if err := add([]byte(record)); err != nil {
					t.Fatal(err)
				}
				want = append(want, record)
			}
		}
		if err := errors.Join(l.Rotate(), l.Sync()); err != nil {
			t.Fatal(err)
		}
		got, r := all(t, l)
		equal(t, got, want)
		if r.Lost+r.Tail != 0 || r.Damage != nil {
			t.Fatalf("sound segments are called damaged: %+v", r)
		}
		var bytes int64
		for _, s := range l.Segments() {
			bytes += s.Bytes
			if must(os.Stat(s.Path)).Size() != s.Bytes {
				t.Fatalf("%s does not have %d bytes", s.Path, s.Bytes)
			}
		}
		if l.Size() != bytes {
			t.Fatalf("size %d, want %d", l.Size(), bytes)
		}
		if err := errors.Join(l.Drop(l.Segments()...), l.Close()); err != nil {
			t.Fatal(err)
		}
	})
}

// sample writes a segment of records of different lengths, one of them larger than a window.
func sample(t testing.TB) (path string, content []byte, records []string, ends []int) {
	t.Helper()
	l := open(t, t.TempDir(), Options{Fsync: time.Hour})
	at := segmentHeader
	for i, n := range []int{5, 0, 100, windowBytes + 10, 1, 33} {
		record := strings.Repeat(string(rune('a'+i)), n)
		if err := l.Append([]byte(record)); err != nil {
			t.Fatal(err)
		}
		at += frameHeader + n
		records, ends = append(records, record), append(ends, at)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	path = l.Segments()[0].Path
	return path, must(os.ReadFile(path)), records, ends
}

// read replays a segment of that content.
func read(t testing.TB, name string, content []byte) ([]string, Replayed) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), content, 0o600); err != nil {
		t.Fatal(err)
	}
	return all(t, open(t, dir, Options{}))
}

// A segment that is cut gives the records before the cut.
func TestTornTail(t *testing.T) {
	path, content, records, ends := sample(t)
	for _, around := range append([]int{0, segmentHeader}, ends...) {
		for cut := max(0, around-20); cut <= min(len(content), around+20); cut++ {
			whole := 0
			for whole < len(ends) && ends[whole] <= cut {
				whole++
			}
			got, r := read(t, path, content[:cut])
			equal(t, got, records[:whole])
			if r.Damage != nil || r.Lost != 0 || r.Tail > int64(cut) {
				t.Fatalf("cut at %d: %+v", cut, r)
			}
		}
	}
	// A power cut can leave a file that was made longer and never written.
	got, r := read(t, path, append(bytes.Clone(content), make([]byte, 5000)...))
	equal(t, got, records)
	if r.Tail != 5000 {
		t.Errorf("tail of %d bytes", r.Tail)
	}
}

// Damage costs the record that it lies in, which is counted, and no other.
func TestDamage(t *testing.T) {
	path, content, records, ends := sample(t)
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		i := r.IntN(len(records))
		begin := ends[i] - len(records[i]) - frameHeader
		at := begin + r.IntN(ends[i]-begin)
		damaged := bytes.Clone(content)
		damaged[at] ^= byte(1 + r.IntN(255))
		got, rep := read(t, path, damaged)
		equal(t, got, append(append([]string{}, records[:i]...), records[i+1:]...))
		last := i == len(records)-1
		if last && (rep.Tail == 0 || rep.Damage != nil) || !last && (rep.Lost != 1 || len(rep.Damage) != 1 || rep.Tail != 0) {
			t.Fatalf("record %d damaged at %d: %+v", i, at, rep)
		}
	}
	for at := range segmentHeader {
		damaged := bytes.Clone(content)
		damaged[at] ^= 1
		got, _ := read(t, path, damaged)
		equal(t, got, records)
	}
}

// What a user wrote is never taken for a record, though damage be skipped to it.
func TestRecordsCannotBeForged(t *testing.T) {
	l := open(t, t.TempDir(), Options{Fsync: time.Hour})
	forged := appendFrame(nil, Segment{ID: "0123456789abcdef"}.salt(), 1, []byte("forged"))
	if err := l.Append(forged); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.Append([]byte("next")), l.Close()); err != nil {
		t.Fatal(err)
	}
	s := l.Segments()[0]
	content := must(os.ReadFile(s.Path))
	content[segmentHeader+12] ^= 1
	got, r := read(t, s.Path, content)
	equal(t, got, []string{"next"})
	if r.Lost != 1 {
		t.Errorf("%+v", r)
	}
}

func TestNewerVersion(t *testing.T) {
	l := open(t, t.TempDir(), Options{})
	s := newSegment(l.dir, 1)
	content := s.header(time.Now())
	content[7] = version + 1
	binary.LittleEndian.PutUint32(content[28:], crc32.Checksum(content[:28], castagnoli))
	if err := os.WriteFile(s.Path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := l.Replay(s, nil)
	if !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), s.Path) {
		t.Error(err)
	}
}

func TestLock(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	_, err := Open(dir, Options{})
	if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), fmt.Sprint("process ", os.Getpid())) {
		t.Error(err)
	}
	if err := errors.Join(l.Close(), l.Close()); err != nil {
		t.Error(err)
	}
	if err := l.Append(nil); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	open(t, dir, Options{})
}

func TestTooLarge(t *testing.T) {
	l := open(t, t.TempDir(), Options{MaxRecord: 10})
	if err := l.Append(make([]byte, 11)); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	if err := l.Append(make([]byte, 10)); err != nil {
		t.Error(err)
	}
}

// A disk has room for so many bytes, and refuses to sync or to shorten where it is told to.
type disk struct {
	mu                   sync.Mutex
	room                 int
	noSync, noTruncation bool
	keep                 bool // what is half written takes no room
	syncs                int
}

type diskFile struct {
	File
	disk *disk
}

func (d *disk) create(path string) (File, error) {
	f, err := create(path)
	return diskFile{f, d}, err
}

func (f diskFile) WriteAt(p []byte, off int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	n := min(len(p), f.disk.room)
	if f.disk.keep && n < len(p) {
		return 0, unix.ENOSPC
	}
	f.disk.room -= n
	wrote, err := f.File.WriteAt(p[:n], off)
	if err == nil && n < len(p) {
		err = unix.ENOSPC
	}
	return wrote, err
}

func (f diskFile) Truncate(size int64) error {
	if f.disk.noTruncation {
		return unix.EIO
	}
	return f.File.Truncate(size)
}

func (f diskFile) Sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.disk.syncs++
	if f.disk.noSync {
		return unix.EIO
	}
	return nil
}

// A disk that fills costs what it has no room for, and nothing else.
func TestDiskFull(t *testing.T) {
	for _, stuck := range []bool{false, true} {
		for room := 0; room < 300; room += 3 {
			d := &disk{room: room, noTruncation: stuck}
			l := open(t, t.TempDir(), Options{Fsync: time.Hour, Create: d.create})
			var want []string
			for i := range 10 {
				if i == 7 {
					d.room = 1 << 20
				}
				record := strings.Repeat(fmt.Sprint(i), 20)
				err := l.Append([]byte(record))
				if err == nil {
					want = append(want, record)
				} else if !errors.Is(err, unix.ENOSPC) {
					t.Fatal(err)
				}
			}
			if err := l.Rotate(); err != nil {
				t.Fatal(err)
			}
			got, r := all(t, l)
			equal(t, got, want)
			if len(want) < 3 || r.Damage != nil {
				t.Fatalf("room for %d: %d records, %+v", room, len(want), r)
			}
			l.Close()
		}
	}
}

// What may wait for others costs them nothing when the disk is full: what was appended is there, in
// order, and of what waited some may not be.
func TestDiskFullOfWaiting(t *testing.T) {
	for _, stuck := range []bool{false, true} {
		for room := 0; room < 600; room += 3 {
			d := &disk{room: room, noTruncation: stuck}
			l := open(t, t.TempDir(), Options{Fsync: time.Hour, Linger: time.Hour, Create: d.create})
			var appended, waited []string
			for i := range 20 {
				if i == 14 {
					d.room = 1 << 20
				}
				record := strings.Repeat(string(rune('a'+i)), 20)
				if i%2 == 0 {
					if err := l.AppendSoon([]byte(record)); err == nil {
						waited = append(waited, record)
					}
				} else if err := l.Append([]byte(record)); err == nil {
					appended = append(appended, record)
				}
			}
			if err := l.Rotate(); err != nil {
				t.Fatal(err)
			}
			got, r := all(t, l)
			var gotAppended []string
			for _, record := range got {
				if !slices.Contains(waited, record) {
					gotAppended = append(gotAppended, record)
				}
			}
			equal(t, gotAppended, appended)
			if !slices.IsSorted(got) || r.Lost != 0 || r.Damage != nil || len(appended) < 3 {
				t.Fatalf("room for %d: %q, %+v", room, got, r)
			}
			l.Close()
		}
	}
}

// What waits takes no room from what is appended.
func TestRoomForWhatIsAppended(t *testing.T) {
	d := &disk{room: segmentHeader + frameHeader + 1}
	l := open(t, t.TempDir(), Options{Fsync: time.Hour, Linger: time.Hour, Create: d.create})
	if err := errors.Join(l.AppendSoon(make([]byte, 1000)), l.AppendSoon([]byte("b"))); err != nil {
		t.Fatal(err)
	}
	d.keep = true
	if err := errors.Join(l.Append([]byte("c")), l.Rotate()); err != nil {
		t.Fatal(err)
	}
	got, _ := all(t, l)
	equal(t, got, []string{"c"})
}

// What may wait is written with the next record, when it has waited as long as it may, and at once
// where it is too much to hold.
func TestLinger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := must(Open(t.TempDir(), Options{Fsync: time.Hour, Linger: 5 * time.Millisecond}))
		written := func(want uint64) {
			t.Helper()
			synctest.Wait()
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.written != want || must(os.Stat(l.current.Path)).Size() != l.current.Bytes {
				t.Errorf("%d records written, want %d", l.written, want)
			}
		}
		soon := func(record string) {
			t.Helper()
			if err := l.AppendSoon([]byte(record)); err != nil {
				t.Fatal(err)
			}
		}
		soon("a")
		time.Sleep(5*time.Millisecond - 1)
		soon("b")
		written(0)
		time.Sleep(1 * time.Nanosecond)
		written(2)
		soon("c")
		written(2)
		if err := l.Append([]byte("d")); err != nil {
			t.Fatal(err)
		}
		written(4)
		soon(strings.Repeat("e", mostWaiting))
		written(5)
		soon("f")
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		got, _ := all(t, l)
		equal(t, got, []string{"a", "b", "c", "d", strings.Repeat("e", mostWaiting), "f"})
		time.Sleep(time.Minute) // no timer finds the log closed
	})
}

// Where the disk refuses a group commit those who wait are told, and what comes later goes to
// another file.
func TestSyncFails(t *testing.T) {
	d := &disk{room: 1 << 20}
	l := open(t, t.TempDir(), Options{Create: d.create})
	if err := l.Append([]byte("a")); err != nil {
		t.Fatal(err)
	}
	d.noSync = true
	if err := l.Append([]byte("b")); !errors.Is(err, unix.EIO) {
		t.Error(err)
	}
	d.noSync = false
	if err := l.Append([]byte("c")); err != nil {
		t.Error(err)
	}
	if n := len(l.Segments()); n != 1 || l.Failures() != 1 {
		t.Errorf("%d segments, %d failures", n, l.Failures())
	}
	if err := l.syncTo(2); !errors.Is(err, unix.EIO) {
		t.Errorf("of the refused record: %v", err)
	}
	if err := l.syncTo(1); err != nil {
		t.Errorf("of the record before: %v", err)
	}
}

// Those who append at a time wait for the disk together.
func TestGroupCommit(t *testing.T) {
	d := &disk{room: 1 << 20}
	l := open(t, t.TempDir(), Options{Create: d.create})
	l.syncing.Lock()
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if err := l.Append([]byte("a")); err != nil {
				t.Error(err)
			}
		})
	}
	for written := uint64(0); written < 50; {
		l.mu.Lock()
		written = l.written
		l.mu.Unlock()
	}
	l.syncing.Unlock()
	all.Wait()
	if d.syncs != 1 {
		t.Errorf("%d syncs for 50 at once", d.syncs)
	}

	background := open(t, t.TempDir(), Options{Create: d.create, Fsync: time.Millisecond})
	if err := background.Append([]byte("a")); err != nil {
		t.Fatal(err)
	}
	for synced := uint64(0); synced < 1; time.Sleep(time.Millisecond) {
		background.syncing.Lock()
		synced = background.synced
		background.syncing.Unlock()
	}
}

func TestAge(t *testing.T) {
	now := time.Unix(0, 0)
	l := open(t, t.TempDir(), Options{Fsync: time.Hour, Now: func() time.Time { return now }})
	if l.Age() != 0 {
		t.Error("of no segment:", l.Age())
	}
	for range 2 { // the age is of the first
		if err := l.Append([]byte("a")); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Second)
	}
	if l.Age() != 2*time.Second {
		t.Error(l.Age())
	}
}

func TestAppendAtOnce(t *testing.T) {
	l := open(t, t.TempDir(), Options{Fsync: time.Millisecond, SegmentBytes: 10_000})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 200 {
				if err := l.Append(fmt.Append(nil, i, " ", j)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if err := l.Rotate(); err != nil {
		t.Fatal(err)
	}
	next := map[int]int{}
	for _, s := range l.Segments() {
		r, err := l.Replay(s, func(b []byte) error {
			var i, j int
			fmt.Sscan(string(b), &i, &j)
			if next[i] != j {
				return fmt.Errorf("record %d of %d came after %d", j, i, next[i]-1)
			}
			next[i]++
			return nil
		})
		if err != nil || r.Lost != 0 {
			t.Fatal(err, r)
		}
	}
	for i := range 8 {
		if next[i] != 200 {
			t.Errorf("%d of 200 records of %d", next[i], i)
		}
	}
}

// Any bytes are read without a panic, without end, and within bounds.
func FuzzReplay(f *testing.F) {
	_, content, _, _ := sample(f)
	f.Add(content[:200])
	f.Add(append(content[:60:60], content[50:300]...))
	f.Fuzz(func(t *testing.T, content []byte) {
		s := newSegment(t.TempDir(), 1)
		if err := os.WriteFile(s.Path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		var bytes int64
		r, err := replay(s, 1<<20, func(b []byte) error {
			bytes += int64(len(b)) + frameHeader
			return nil
		})
		for _, d := range r.Damage {
			bytes += d.Bytes
		}
		if err == nil && (bytes+r.Tail > int64(len(content)) || bytes+r.Tail < int64(len(content))-segmentHeader) {
			t.Errorf("%d of %d bytes accounted for: %+v", bytes+r.Tail, len(content), r)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{200, 2 << 10, 64 << 10} {
		b.Run(fmt.Sprintf("bytes=%d", size), func(b *testing.B) {
			l := must(Open(b.TempDir(), Options{Fsync: 50 * time.Millisecond, SegmentBytes: 64 << 20}))
			defer l.Close()
			record := make([]byte, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if err := l.Append(record); err != nil {
					b.Fatal(err)
				}
				if l.Size() > 256<<20 {
					l.Drop(l.Segments()...)
				}
			}
		})
	}
}
