// Package importer turns other people's logs into rows of the lake.
//
// A Source says which files, of which format, read by which Mapping; Run reads
// them row by row into a Sink. The formats are csv, jsonl and parquet, whose
// columns a mapping names, and otlp, langfuse and tau-bench, which come with a
// ready-made mapping (Preset) that a mapping of the user's is laid over. Text
// files may be gzip-compressed, whatever they are called.
//
// # Mapping
//
// A mapping is the YAML of DESIGN.md 5.1. It is strict: ParseMapping reports
// all faults at once, with file:line:column and the nearest name there is.
//
//	rows         requests (default), sessions, outcomes, contents, judgments, labels
//	where        an expression over the row (expr-lang); rows it is false for are left out
//	columns      our column: theirs
//	outcomes     our outcome: their column
//	attributes   their columns that become attributes of the request
//	constants    our column: a value of every row
//
// Theirs is a name or a dotted path into JSON (a number picks from a list), or
// an object: {template: "{a}-{b}"}, or {from: NAME} with any of map, format,
// unit and empty. The columns of requests and sessions are those of traces,
// the texts of contents, and error (0 or 1) in place of error_type. Versions
// and releases are names of letters, digits, dot, underscore and hyphen;
// others are renamed by a map.
//
// What the rows become:
//   - requests: an exchange a row; its outcomes are those of its session, or
//     of the request where it has none, dated as the request is. A session's
//     outcome counts once per value: a later row that repeats it adds nothing.
//   - sessions: the same, a row being a whole session, so that a session
//     without an id gets one.
//   - outcomes: an event a row, by the columns name and value, or one for each
//     entry under outcomes. Its subject is the trace, else the session, else
//     the user that the row names. Judgments and labels likewise: the trace,
//     else the session, else the case.
//   - contents: the texts of the request of that trace_id; started_at, where
//     mapped, dates them as that request is.
//
// An empty cell, an empty text and a JSON null are null; only error, where
// null would read as success, must be told so by {empty: null}. In an
// expression null is nil. A cell of a CSV file is text there, never nil;
// compared with a number it is read as one, and an empty cell is then equal to
// none, above none and below none.
//
// # Identity
//
// An id that a source lacks is derived from the app, the release and version
// the row belongs to, all that the row holds, and its occurrence number over
// the files of one run. So the same rows again, in the same files or others,
// add nothing, and two equal rows of one run stay two. A row whose id the lake
// (Options.Known) or the run has seen is left out where it is the same, and an
// error where it is not. What is remembered for this takes some 60 bytes a row.
// An Index is a Known of what a lake holds.
//
// # Bad rows
//
// Nothing is guessed and nothing is mended: a row with a value that its column
// cannot take stops the run, or, with Skip, is counted as a loss of its arm.
// What leaves the rest of a file unreadable (a cut archive, a quote that is
// never closed) is an error under Skip too: nobody can say how many rows were
// lost. A message shows the value at fault unless it may be text of a dialogue.
//
// otlp and langfuse put requests together from spans, in memory: all spans of
// one run's files have to fit, and the spans of a request have to be in the
// files of one run.
package importer
