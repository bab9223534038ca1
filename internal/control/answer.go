package control

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"unicode/utf8"

	"weir/internal/control/ledger"
	"weir/internal/control/steering"
	"weir/rollout/spec"
)

// A failure is an answer that says what is wrong and what to do.
type failure struct {
	status  int
	Code    string       `json:"code"`
	Message string       `json:"message"`
	Faults  []spec.Fault `json:"faults,omitempty"`
}

func (f *failure) Error() string { return f.Message }

func fail(status int, code, format string, args ...any) *failure {
	return &failure{status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// A SpecError says that a specification cannot be read, or not be put in force as
// it stands.
type SpecError struct{ Err error }

func (e *SpecError) Error() string { return e.Err.Error() }

func (e *SpecError) Unwrap() error { return e.Err }

// failureOf gives the answer to an error of a change.
func failureOf(err error) *failure {
	var known *failure
	var refusal *steering.Refusal
	var conflict *ledger.ConflictError
	var faults spec.Faults
	var fault spec.Fault
	var unusable *SpecError
	if held := heldFailure(err); held != nil {
		return held
	}
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &refusal):
		return fail(http.StatusConflict, "refused", "%v", refusal)
	case errors.As(err, &conflict):
		return fail(http.StatusPreconditionFailed, "changed", "%v", conflict)
	case errors.As(err, &faults):
		return &failure{http.StatusUnprocessableEntity, "bad_spec", err.Error(), faults}
	case errors.As(err, &fault):
		return &failure{http.StatusUnprocessableEntity, "bad_spec", err.Error(), []spec.Fault{fault}}
	case errors.As(err, &unusable):
		return fail(http.StatusUnprocessableEntity, "bad_spec", "%v", unusable)
	case errors.Is(err, steering.ErrNotDurable):
		return fail(http.StatusInternalServerError, "not_durable", "%v", err)
	}
	return fail(http.StatusInternalServerError, "failed", "%v", err)
}

// writeJSON answers with a document.
func writeJSON(w http.ResponseWriter, status int, document any) {
	var body bytes.Buffer
	e := json.NewEncoder(&body)
	e.SetEscapeHTML(false)
	if err := e.Encode(document); err != nil {
		panic("control: " + err.Error())
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body.Bytes())
}

func writeFailure(w http.ResponseWriter, f *failure) {
	writeJSON(w, f.status, map[string]any{"error": f})
}

// readJSON reads the one document of a body. Keys that nobody knows are
// refused, so that a misspelt one is no silence.
func readJSON(r *http.Request, into any) error {
	d, err := document(r)
	if err != nil {
		return err
	}
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return badBody(err)
	}
	if _, err := d.Token(); errors.Is(err, io.EOF) {
		return nil
	}
	return fail(http.StatusBadRequest, "bad_body", "there is more than one document in the body")
}

// document is what reads the body, which is all there and in UTF-8: of others the
// decoder would make one id out of many.
func document(r *http.Request) (*json.Decoder, error) {
	body, err := io.ReadAll(r.Body)
	switch {
	case err != nil:
		return nil, badBody(err)
	case !utf8.Valid(body):
		return nil, fail(http.StatusBadRequest, "bad_body", "the body is not UTF-8: encode it so; an id that is not UTF-8 is written as Weir shows it")
	}
	return json.NewDecoder(bytes.NewReader(body)), nil
}

// badBody says what is wrong with a body, without its text.
func badBody(err error) error {
	var large *http.MaxBytesError
	var mistyped *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large):
		return fail(http.StatusRequestEntityTooLarge, "too_large", "the body has more than %d bytes: send less at a time", large.Limit)
	case errors.Is(err, io.EOF):
		return fail(http.StatusBadRequest, "bad_body", "the body is empty: send a JSON document")
	case errors.As(err, &mistyped):
		return fail(http.StatusBadRequest, "bad_body", "%s: found a JSON %s, expected %s", cmp.Or(mistyped.Field, "the body"), mistyped.Value, wanted(mistyped.Type))
	case errors.As(err, &syntax), errors.Is(err, io.ErrUnexpectedEOF):
		return fail(http.StatusBadRequest, "bad_body", "the body is not JSON")
	case errors.Is(err, errNoTime):
		return fail(http.StatusBadRequest, "bad_body", "%s", err)
	case strings.HasPrefix(err.Error(), "json: "):
		return fail(http.StatusBadRequest, "bad_body", "%s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return fail(http.StatusBadRequest, "bad_body", "the body cannot be read")
}

// wanted is what a document has in the place of a type, in the words of JSON.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return wanted(t.Elem())
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return "a number"
}
