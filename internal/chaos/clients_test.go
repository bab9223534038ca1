package chaos

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// upstream stands in for a version: half of its answers come at once, half in parts.
func upstream() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if r.Header.Get("X-Parts") == "" {
			io.WriteString(w, `{"answer": "at once"}`)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		for i := range 3 {
			fmt.Fprintf(w, "data: %d\n\n", i)
			w.(http.Flusher).Flush()
			time.Sleep(2 * time.Millisecond)
		}
	}))
}

// clients ask the router, whichever life it is in, and remember what they were told.
type clients struct {
	mu       sync.Mutex
	address  string            // of the life that serves
	answered map[string]string // request to session: of those answered to the end
	sent     map[string]bool
	versions map[string]string // of sessions
	flips    []string
	statuses map[int]int

	all sync.WaitGroup
}

func (c *clients) serve(address string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.address = address
}

// run asks from several sides until the context ends. A conversation goes through many lives.
func (c *clients) run(ctx context.Context) {
	for side := range 6 {
		c.all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(side), 1))
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport, Timeout: 5 * time.Second}
			for i := 0; ctx.Err() == nil; i++ {
				session := fmt.Sprintf("s-%d-%d", side, i/40+r.IntN(6))
				if !c.ask(client, fmt.Sprintf("q-%d-%d", side, i), session, r.IntN(2) == 0) {
					time.Sleep(10 * time.Millisecond) // nobody is there
				}
			}
		})
	}
}

// ask sends a request and reads its answer to the end.
func (c *clients) ask(client *http.Client, id, session string, parts bool) bool {
	c.mu.Lock()
	address := c.address
	c.sent[id] = true
	c.mu.Unlock()
	req, err := http.NewRequest(http.MethodPost, address+"/chat", strings.NewReader(`{"question": "`+id+`"}`))
	if err != nil {
		panic(err)
	}
	req.Header.Set("X-Session-Id", session)
	req.Header.Set("X-Request", id)
	if parts {
		req.Header.Set("X-Parts", "yes")
	}
	res, err := client.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	if _, err := io.ReadAll(res.Body); err != nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.statuses[res.StatusCode]++
	c.answered[id] = session
	version := res.Header.Get("X-Weir-Version")
	if was, known := c.versions[session]; known && was != version {
		c.flips = append(c.flips, fmt.Sprintf("%s was answered by %s and then by %s", session, was, version))
	}
	c.versions[session] = version
	return true
}

func newClients() *clients {
	return &clients{answered: map[string]string{}, sent: map[string]bool{}, versions: map[string]string{}, statuses: map[int]int{}}
}
