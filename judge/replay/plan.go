package replay

import (
	"math/rand/v2"
)

// A job is a run still to be done.
type job struct {
	c       Case
	version string
	trial   int64
	key     string
}

// plan lists the runs in the order in which they begin. A block is a case and a
// trial; its versions stand side by side, in an order drawn for each block, and
// blocks are shuffled: what drifts while the run lasts hits both versions alike.
func (o Options) plan(cases []Case) []job {
	rng := rand.New(rand.NewPCG(o.Seed, 0x77656972)) // "weir"
	type block struct {
		c     Case
		trial int64
	}
	var blocks []block
	for _, c := range cases {
		for trial := range o.Trials {
			blocks = append(blocks, block{c, int64(trial + 1)})
		}
	}
	rng.Shuffle(len(blocks), func(i, j int) { blocks[i], blocks[j] = blocks[j], blocks[i] })
	var jobs []job
	for _, b := range blocks {
		for _, i := range rng.Perm(len(o.Versions)) {
			v := o.Versions[i].Name
			jobs = append(jobs, job{b.c, v, b.trial, key(o.App, o.Release, b.c, v, b.trial)})
		}
	}
	return jobs
}
