package traffic

import (
	"sync"

	"weir/internal/sim/standin"
)

// A Summary counts what happened, as users saw it.
type Summary struct {
	Versions map[string]*Arm // by X-Weir-Version; empty: not said
	Moved    int             // dialogues that changed their version
	Reported int             // outcomes taken by the control plane
	Ratings  int             // given through the application
	Unrated  int             // ratings that the application refused

	mu sync.Mutex
}

// An Arm is what happened with one version.
type Arm struct {
	Sessions, Requests, Errors int // a dialogue counts for the version of its last answer
	Resolved, Handoff          int
}

func newSummary() *Summary { return &Summary{Versions: map[string]*Arm{}} }

// Requests counts those to all versions.
func (s *Summary) Requests() (n int) {
	for _, a := range s.Versions {
		n += a.Requests
	}
	return n
}

// Errors counts those of all versions.
func (s *Summary) Errors() (n int) {
	for _, a := range s.Versions {
		n += a.Errors
	}
	return n
}

func (s *Summary) arm(version string) *Arm {
	a := s.Versions[version]
	if a == nil {
		a = &Arm{}
		s.Versions[version] = a
	}
	return a
}

func (s *Summary) turn(t Turn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.arm(t.Version)
	if a.Requests++; t.Err != nil {
		a.Errors++
	}
}

func (s *Summary) end(version string, truth *standin.Truth, moved bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.arm(version)
	a.Sessions++
	if truth != nil && truth.Resolved {
		a.Resolved++
	}
	if truth != nil && truth.Handoff {
		a.Handoff++
	}
	if moved {
		s.Moved++
	}
}

func (s *Summary) reported(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Reported += n
}

func (s *Summary) rate(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.Unrated++
	} else {
		s.Ratings++
	}
}
