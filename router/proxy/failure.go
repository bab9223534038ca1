package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"

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
