package browse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// readerEnv makes the test's program a reader: what it says is how it behaves.
const readerEnv = "WEIR_TEST_READER"

func TestMain(m *testing.M) {
	how := os.Getenv(readerEnv)
	if how == "" {
		os.Exit(m.Run())
	}
	if how == "fails" {
		fmt.Fprintln(os.Stderr, "no lake here")
		os.Exit(1)
	}
	idle := time.Hour
	if how == "idle" {
		idle = 10 * time.Millisecond
	}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%d %s", os.Getpid(), r.Header.Get(Caller))
	})
	if err := ServeSocket(context.Background(), os.Args[len(os.Args)-1], h, idle); err != nil {
		panic(err)
	}
}

func newAside(t *testing.T, how string) (ask func() (int, string), a *Aside, end func()) {
	a = &Aside{Env: append(os.Environ(), readerEnv+"="+how), Args: []string{"--"}, Log: slog.New(slog.DiscardHandler), Memory: 1 << 30}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	end = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	ask = func() (int, string) {
		r := httptest.NewRequest("GET", "/v1/applications/bot/dialogues", nil)
		r.Header.Set(Caller, "anna")
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	return ask, a, end
}

// TestReaderIsAProcessOfItsOwn: it answers, is killed, and the next question has another.
func TestReaderIsAProcessOfItsOwn(t *testing.T) {
	ask, a, end := newAside(t, "serves")
	status, first := ask()
	word, caller, _ := strings.Cut(first, " ")
	pid, err := strconv.Atoi(word)
	if status != 200 || caller != "anna" || err != nil || pid == os.Getpid() {
		t.Fatalf("%d %s", status, first)
	}
	if _, again := ask(); again != first {
		t.Errorf("another process answers: %s, %s", first, again)
	}
	running, socket := a.running.done, a.running.socket
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-running
	if _, err := os.Stat(filepath.Dir(socket)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its folder is left: %v", err)
	}
	if status, next := ask(); status != 200 || next == first {
		t.Errorf("%d %s", status, next)
	}
	last := a.running.done
	end()
	<-last
	if status, body := ask(); status != 503 || !strings.Contains(body, "no_reader") {
		t.Errorf("%d %s", status, body)
	}
}

func TestReaderThatFails(t *testing.T) {
	ask, _, end := newAside(t, "fails")
	defer end()
	if status, body := ask(); status != 503 || !strings.Contains(body, `"code":"no_reader"`) || strings.Contains(body, "no lake") {
		t.Errorf("%d %s", status, body)
	}
}

func TestReaderRests(t *testing.T) {
	ask, a, end := newAside(t, "idle")
	defer end()
	// It may rest before it was asked at all; what counts is that it ends, and with nothing left.
	ask()
	if a.running != nil {
		<-a.running.done
	}
}

func TestSocketEndsWithItsContext(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "socket")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- ServeSocket(ctx, socket, http.NotFoundHandler(), time.Hour) }()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", socket) }}}
	for {
		res, err := client.Get("http://reader/")
		if err != nil {
			continue // it is not there yet
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
		break
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
