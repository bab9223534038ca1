// Package ingest takes requests that an application reports itself, because it
// routes by itself or sees what no proxy can: the prompt, retrieved passages, the
// time of each part. It is an http.Handler for POST /v1/traces, and knows two
// forms by their shape: {"traces": [...]} in the lake's own words, and OTLP/JSON
// (resourceSpans) with gen_ai attributes, converted as weir import converts it.
//
// What becomes of a request is counted, and answered:
//
//	accepted   kept
//	doubled    known already by its trace_id, or, without one, by all that it says: nothing is added
//	corrected  known with other content: refused, as a request does not change afterwards
//	late       accepted, and begun so long ago that it may not count for a metric any more
//	unknown    accepted, and of a version that the spec does not have
//	rejected   not kept, with the reason; the others of the call are
//
// Spans of one trace may come in several calls. They are held in memory until
// their root has come and no other has for a while, and are then handed over; what
// is held when the process is killed is lost, as it would be in the exporter.
package ingest
