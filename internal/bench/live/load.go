package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"weir/router/proxy"
)

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1024, DisableCompression: true}}

// A sample is how long requests took, the shortest first.
type sample struct {
	times []time.Duration
	err   error
}

// at is a quantile of the sorted times.
func (s *sample) at(q float64) time.Duration {
	return s.times[int(q*float64(len(s.times)-1))]
}

// openLoop begins requests at a fixed rate, whether or not others have ended,
// and times each from when it was due.
func openLoop(rate int, length time.Duration, request func(i int, due time.Time) (time.Duration, error)) sample {
	n := int(length.Seconds() * float64(rate))
	times, errs := make([]time.Duration, n), make([]error, n)
	var group sync.WaitGroup
	clock, err := newClock(time.Second / time.Duration(rate))
	if err != nil {
		return sample{err: err}
	}
	defer clock.stop()
	for i := range n {
		due, err := clock.next()
		if err != nil {
			return sample{err: err}
		}
		group.Go(func() { times[i], errs[i] = request(i, due) })
	}
	group.Wait()
	slices.Sort(times)
	return sample{times, cmp.Or(errs...)}
}

// closedLoop makes requests from 16 clients, each waiting for its answer.
func closedLoop(n int, request func(i int, due time.Time) (time.Duration, error)) error {
	var next atomic.Int64
	var group sync.WaitGroup
	errs := make([]error, 16)
	for c := range errs {
		group.Go(func() {
			for i := next.Add(1); i <= int64(n) && errs[c] == nil; i = next.Add(1) {
				_, errs[c] = request(int(i), time.Now())
			}
		})
	}
	group.Wait()
	return cmp.Or(errs...)
}

// together runs a function n times at once.
func together(n int, f func(i int) error) error {
	var group sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		group.Go(func() { errs[i] = f(i) })
		if i%100 == 99 {
			time.Sleep(20 * time.Millisecond) // connections come a few at a time
		}
	}
	group.Wait()
	return cmp.Or(errs...)
}

// second asks for the second version, and says how it is to answer.
type second string

const (
	none second = "" // the first version
	well second = "well"
)

func (p *process) post(i int, to second, body string) (*http.Response, error) {
	at := p.url
	if to != none && p.second != "" {
		at = p.second
	}
	q, err := http.NewRequest("POST", at+"/v1/chat/completions", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("X-Session-Id", fmt.Sprintf("session-%d", i%2000))
	if to != none {
		q.Header.Set("X-Session-Id", fmt.Sprintf("second-%d", i%2000))
		q.Header.Set(secondHeader, string(to))
	}
	return client.Do(q)
}

// postFirst asks the first version, which answers.
func (p *process) postFirst(i int, body string) (*http.Response, error) {
	res, err := p.post(i, none, body)
	if err == nil && res.StatusCode != 200 {
		_ = res.Body.Close()
		err = fmt.Errorf("%s answers %d %s", p.role, res.StatusCode, res.Header.Get(proxy.HeaderError))
	}
	return res, err
}

// question is a call of some 600 bytes.
var question = `{"model":"m","messages":[{"role":"user","content":"` + strings.Repeat("where is my order? ", 30) + `"}]`

// ask makes a small request, and times all of it.
func (p *process) ask(i int, due time.Time) (time.Duration, error) {
	res, err := p.postFirst(i, question+"}")
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return time.Since(due), err
}

// askSecond makes a small request that goes to the second version. Whatever
// becomes of it is none of the client's business.
func (p *process) askSecond(to second) func(int, time.Time) (time.Duration, error) {
	return func(i int, due time.Time) (time.Duration, error) {
		res, err := p.post(i, to, question+"}")
		if err != nil {
			return time.Since(due), nil
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		if v := res.Header.Get(proxy.HeaderVersion); v == "v1" {
			return 0, errors.New("a request for v2 went to v1")
		}
		return time.Since(due), nil
	}
}

// stream asks for a stream, and times its first event.
func (p *process) stream(i int, due time.Time) (time.Duration, error) {
	res, err := p.postFirst(i, question+`,"stream":true}`)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	if _, err = bufio.NewReader(res.Body).ReadString('\n'); err != nil {
		return 0, err
	}
	took := time.Since(due)
	_, err = io.Copy(io.Discard, res.Body)
	return took, err
}

// longStream asks for a stream that lasts until all others have begun.
func (p *process) longStream(i int) error {
	res, err := p.postFirst(i, question+`,"stream":true,"long":true}`)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	_, err = io.Copy(io.Discard, res.Body)
	return err
}
