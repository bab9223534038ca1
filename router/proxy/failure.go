package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"

	"weir/router/protocol"
)

// The errors of a version, as they stand in a row's error_type. Beside them
// is protocol.ErrorInStream.
const (
	ErrorConnect   = "connect"      // no connection could be made
	ErrorTimeout   = "timeout"      // a time-out of the specification was over
	ErrorReset     = "reset"        // the connection failed before there was an answer, or the answer was no HTTP
	ErrorStatus    = "upstream_5xx" // it answered with a status from 500 on
	ErrorRateLimit = "rate_limited" // it answered 429
	ErrorTruncated = "truncated"    // its answer ended too early
	ErrorOverflow  = "overflow"     // it had as many requests under way as it may have
)

// statusClientGone is the status of a request whose client left before there
// was an answer; nginx's 499.
const statusClientGone = 499

var (
	errOverflow = errors.New("as many requests are under way as max_in_flight allows")
	errTotal    = errors.New("the total time-out is over")
)

// failureOf is the error that a failed attempt is, before there was an answer.
func failureOf(ctx context.Context, err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, errOverflow):
		return ErrorOverflow
	case errors.Is(context.Cause(ctx), errTotal):
		return ErrorTimeout
	case notSent(err):
		return ErrorConnect
	case errors.As(err, &timeout) && timeout.Timeout():
		return ErrorTimeout
	}
	return ErrorReset
}

// blame is the client's error that left the request without an answer, or with
// half of one; nil where it is the version's. A body that could not be read to
// its end, or was waited for when the total time-out was over, is nothing that a
// version did.
func (x *exchange) blame() error {
	if x.isExpired() && x.starved.Load() {
		return os.ErrDeadlineExceeded
	}
	return x.body.fault()
}

// left tells whether a body ended because its client left.
func left(fault error) bool {
	var connection *net.OpError
	return errors.Is(fault, io.ErrUnexpectedEOF) || errors.As(fault, &connection) && !connection.Timeout()
}

// bodyAnswer is what a client is told whose body cannot be read.
func bodyAnswer(err error) (status int, message string) {
	var timeout net.Error
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return http.StatusRequestTimeout, "the body did not come in time"
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge, "the body is larger than allowed"
	}
	return http.StatusBadRequest, "the body cannot be read"
}

// notSent tells whether no byte of the request can have been sent: there was
// no connection, or no agreement on its encryption.
func notSent(err error) bool {
	var (
		dial        *unreached
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		alert       tls.AlertError
	)
	return errors.As(err, &dial) || errors.As(err, &certificate) || errors.As(err, &record) || errors.As(err, &alert)
}

// statusFailure is the error that the status of an answer is; empty: none.
func statusFailure(status int) string {
	switch {
	case status >= 500:
		return ErrorStatus
	case status == http.StatusTooManyRequests:
		return ErrorRateLimit
	}
	return ""
}

// replyFailure is the error that an answer with a good status is. One that the
// client left before its end is not incomplete by the version's fault.
func replyFailure(reply protocol.Reply, complete bool) string {
	switch {
	case reply.Error != "":
		return reply.Error
	case reply.Incomplete && complete:
		return ErrorTruncated
	}
	return ""
}

// answerFor is what a client is told of an error that left it without an
// answer.
func answerFor(failure string) (status int, message string) {
	switch failure {
	case ErrorTimeout:
		return http.StatusGatewayTimeout, "the upstream did not answer in time"
	case ErrorOverflow:
		return http.StatusServiceUnavailable, "the upstream has as many requests under way as it may have; try again"
	case ErrorConnect:
		return http.StatusBadGateway, "the upstream cannot be reached"
	}
	return http.StatusBadGateway, "the connection to the upstream failed"
}
