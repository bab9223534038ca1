package sticky

import (
	"slices"

	"weir/rollout/spec"
	"weir/router"
)

// A Past is what was remembered before, by key: it is filled, and becomes an
// [LRU] without being copied. It is for one goroutine.
type Past struct {
	nodes map[router.Key]*node
	order []*node // in which keys were first asked for
}

// NewPast returns an empty one with room for about so many records.
func NewPast(records int) *Past {
	return &Past{nodes: make(map[router.Key]*node, records), order: make([]*node, 0, records)}
}

// At is the record of a key, to be changed but for its key. Where it is not
// known, it is made, and has only that.
func (p *Past) At(key router.Key) (r *Record, known bool) {
	n, known := p.nodes[key]
	if !known {
		n = &node{Record: Record{Key: key}}
		p.nodes[key] = n
		p.order = append(p.order, n)
	}
	return &n.Record, known
}

// LRU makes a store of the past, which is over. What keep refuses is left out;
// keep is called in the order of last use, and may change the time of it. Of the
// rest those used last are kept, as many as the bounds allow.
func (p *Past) LRU(bounds spec.Sticky, keep func(*Record) bool) *LRU {
	l := NewLRU(bounds)
	l.nodes = p.nodes
	for _, n := range p.byUse() {
		if !keep(&n.Record) {
			delete(l.nodes, n.Key)
			continue
		}
		l.root.prepend(n)
	}
	for len(l.nodes) > bounds.Entries {
		l.forget(l.root.newer)
	}
	p.nodes, p.order = nil, nil
	return l
}

// byUse sorts by the times of last use, which stand beside the nodes while they
// are compared: a million nodes are far apart.
func (p *Past) byUse() []*node {
	type used struct {
		at int64 // nanoseconds
		*node
	}
	all := make([]used, len(p.order))
	for i, n := range p.order {
		all[i] = used{n.Used.UnixNano(), n}
	}
	slices.SortStableFunc(all, func(a, b used) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	})
	for i, u := range all {
		p.order[i] = u.node
	}
	return p.order
}
