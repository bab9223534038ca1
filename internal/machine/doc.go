// Package machine is what this process may take of its machine, and how it
// spends that: memory on collecting garbage less often, where there is some.
package machine
