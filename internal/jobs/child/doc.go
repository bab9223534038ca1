// Package child runs work in a process of its own beside a server, so that
// neither its memory nor its failure touches a request.
//
//	p := child.Process{Args: []string{"analyze", "--format", "json"}, Memory: 2 << 30, Timeout: time.Hour}
//	answer, err := p.Run(ctx)
//
// The program is the running one unless another is named. It is bounded four ways:
//
//   - Memory is what it may hold: the kernel refuses it more private memory
//     (RLIMIT_DATA, which counts what is written to and not what is merely
//     reserved, as Go and DuckDB do by the gigabyte), and Go's collector works
//     harder before that (GOMEMLIMIT at three quarters).
//   - Timeout is how long it may take. It is asked to end (SIGTERM), and killed
//     with all that it started when it does not within [Grace].
//   - Of what it says, [MaxAnswer] bytes of standard output are an answer; more is
//     a failure. Of standard error [MaxWords] bytes are kept, from both ends.
//   - It yields: the scheduler prefers the server (nice 10), and where the
//     machine's memory runs out the kernel takes it first.
//
// It dies with its parent, however that ends (on Linux). What is kept of its
// standard error has the values of secret variables of the environment taken out.
//
// A failure is a *[Failure], whose Reason says in words what happened, so that
// it can be shown. The answer of a process that failed is nil: what it wrote
// before is no result.
package child
