package ingest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
)

// maxBody bounds a body, decompressed.
const maxBody = 32 << 20

// maxRows bounds the requests of one call.
const maxRows = 10_000

// A Report is the answer to requests in the lake's own words.
type Report struct {
	Accepted  int64       `json:"accepted"`
	Doubled   int64       `json:"doubled"`
	Corrected int64       `json:"corrected"` // of the rejected
	Late      int64       `json:"late"`      // of the accepted
	Unknown   int64       `json:"unknown"`   // of the accepted
	Rejected  []Rejection `json:"rejected"`
}

// A Rejection is a request that was not kept.
type Rejection struct {
	Index   int64  `json:"index"` // in the call, from 0
	Message string `json:"message"`
}

// ServeHTTP answers POST /v1/traces. Whoever mounts it has seen to who may call.
func (i *Ingest) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, f := read(w, r)
	if f != nil {
		f.write(w)
		return
	}
	var shape struct {
		ResourceSpans json.RawMessage
		Traces        []raw `json:"traces"`
	}
	if err := json.Unmarshal(body, &shape); err != nil {
		(&failure{http.StatusBadRequest, "bad_body", "the body is no JSON object: write {\"traces\": [...]}, or OTLP/JSON"}).write(w)
		return
	}
	if shape.ResourceSpans != nil {
		i.serveSpans(w, body)
		return
	}
	i.serveTraces(w, r, shape.Traces)
}

func (i *Ingest) serveTraces(w http.ResponseWriter, r *http.Request, rows []raw) {
	switch {
	case len(rows) == 0:
		(&failure{http.StatusBadRequest, "bad_body", "the body has neither traces nor resourceSpans: write {\"traces\": [...]}, or OTLP/JSON"}).write(w)
		return
	case len(rows) > maxRows:
		(&failure{http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("the call reports %d requests: at most %d are taken at a time", len(rows), maxRows)}).write(w)
		return
	}
	counts, bad, err := i.report(r.Context(), rows)
	if err != nil {
		(&failure{http.StatusServiceUnavailable, "cut_off", "the call ended before all was read: send it again"}).write(w)
		return
	}
	report := Report{
		Accepted: counts.Accepted, Doubled: counts.Doubled, Corrected: counts.Corrected,
		Late: counts.Late, Unknown: counts.Unknown, Rejected: []Rejection{},
	}
	for _, b := range bad {
		report.Rejected = append(report.Rejected, Rejection{b.Row - 1, b.Error()})
	}
	status := http.StatusOK
	if counts.Rejected > 0 && counts.Accepted+counts.Doubled == 0 {
		status = http.StatusBadRequest
	}
	writeJSON(w, status, report)
}

// serveSpans answers as OTLP/HTTP wants it: 200 also where spans are refused.
func (i *Ingest) serveSpans(w http.ResponseWriter, body []byte) {
	refused, err := i.export(body)
	if err != nil {
		(&failure{http.StatusBadRequest, "bad_body", "the body " + err.Error()}).write(w)
		return
	}
	answer := map[string]any{}
	if len(refused) > 0 {
		answer["partialSuccess"] = map[string]any{"rejectedSpans": strconv.Itoa(len(refused)), "errorMessage": refused[0].Error()}
	}
	writeJSON(w, http.StatusOK, answer)
}

// read gives the body, decompressed.
func read(w http.ResponseWriter, r *http.Request) ([]byte, *failure) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/x-protobuf" {
		return nil, &failure{http.StatusUnsupportedMediaType, "media_type", "the body is not JSON: of OTLP, set OTEL_EXPORTER_OTLP_PROTOCOL=http/json"}
	}
	var from io.Reader = http.MaxBytesReader(w, r.Body, maxBody)
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		unzipped, err := gzip.NewReader(from)
		if err != nil {
			return nil, &failure{http.StatusBadRequest, "bad_body", "the body is not gzip"}
		}
		from = unzipped
	default:
		return nil, &failure{http.StatusUnsupportedMediaType, "media_type", "the body's encoding is neither gzip nor none"}
	}
	var body bytes.Buffer
	n, err := body.ReadFrom(io.LimitReader(from, maxBody+1))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge) || n > maxBody:
		return nil, &failure{http.StatusRequestEntityTooLarge, "too_large", "the body is too large: send fewer at a time"}
	case err != nil:
		return nil, &failure{http.StatusBadRequest, "bad_body", "the body is cut off"}
	}
	return body.Bytes(), nil
}

// A failure is an answer that is no success.
type failure struct {
	status        int
	code, message string
}

func (f *failure) write(w http.ResponseWriter) {
	writeJSON(w, f.status, map[string]any{"error": map[string]string{"code": f.code, "message": f.message}})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic("ingest: " + err.Error())
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(b, '\n'))
}

var _ http.Handler = (*Ingest)(nil)
