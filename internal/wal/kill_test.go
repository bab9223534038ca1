package wal

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const childVariable = "WEIR_TEST_WAL_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childVariable); dir != "" {
		appendForEver(dir)
	}
	os.Exit(m.Run())
}

// appendForEver appends numbers and says each that is acknowledged.
func appendForEver(dir string) {
	l := must(Open(dir, Options{Fsync: time.Millisecond, SegmentBytes: 20_000}))
	for i := 0; ; i++ {
		if err := l.Append(fmt.Appendf(nil, "%d %s", i, strings.Repeat("x", i%5000))); err != nil {
			panic(err)
		}
		fmt.Println(i)
	}
}

// What was acknowledged is there when the process is killed, and only the record that was being
// appended may be there besides.
func TestKilled(t *testing.T) {
	for life := range 10 {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childVariable+"="+dir)
		out := must(cmd.StdoutPipe())
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		acknowledged := 0
		for lines := bufio.NewScanner(out); lines.Scan(); acknowledged++ {
			if acknowledged == 37*(life+1) {
				cmd.Process.Kill()
			}
		}
		cmd.Wait()
		l := open(t, dir, Options{})
		records, r := all(t, l)
		if n := len(records); n < acknowledged || n > acknowledged+1 || r.Damage != nil {
			t.Fatalf("%d records acknowledged, %d there, %+v", acknowledged, n, r)
		}
		for i, record := range records {
			if record != fmt.Sprintf("%d %s", i, strings.Repeat("x", i%5000)) {
				t.Fatalf("record %d is %.20q", i, record)
			}
		}
	}
}
