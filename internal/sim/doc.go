// Package sim makes traffic whose truth is known: seeded, reproducible rows
// of the lake for tests, documentation, demonstrations and benchmarks.
//
// A Scenario names a situation: how the two versions behave, how the share of
// the candidate grows, who asks, and what goes wrong meanwhile. Run writes its
// rows into a Sink, Truth says what is true of it in closed form, and Spec is
// the weir.yaml with which it is to be analysed.
//
// The same scenario, seed and size give the same rows on every machine, with
// any number of processors. Traffic is made in blocks, each with a random
// source of its own, and delivered in order by one goroutine. No row depends
// on a fused multiplication or on an assembly version of a logarithm: products
// that are added to something go through mul, exponentials through exp and log
// of this package.
//
// Truth is exact because every marginal law is declared. Values that belong
// together (difficulty, number of requests, resolution; latency and length of
// the answer) are joined through a Gaussian copula, which leaves their margins
// as declared: see Nelsen, An Introduction to Copulas (2006), section 2.3.
//
// The package does not import the analysis: truth must not come from what is
// tested with it.
package sim
