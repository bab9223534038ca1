// Package protocol is what Weir understands of the bodies that pass through
// it: pure code that reads, and never delays or changes a byte of what is
// forwarded, but where a call must be changed for where it goes ([Rewriter],
// [Filterer]).
//
// A [Protocol] reads a request into a [Call] before the request is forwarded:
// ids that decide where it goes, whether it asks for a stream, the input. A
// [Reader] is given the bytes of the answer, in whatever chunks they came,
// after they were forwarded, and ends with a [Reply]: ids that the version
// handed out, usage, text, the first token's time, an error inside a stream.
//
// Nothing here fails. What cannot be read is absent from Call or Reply, and a
// count that nobody reported is null. Memory is bounded whatever the body says:
// a reader keeps what its [Room] allows.
//
// Package sse splits streams into events; packages openai and dify are
// protocols, and [Plain] is the one of any other HTTP.
package protocol
