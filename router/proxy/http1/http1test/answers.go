// Package http1test has answers of odd servers, to hold clients and proxies to.
package http1test

import "strings"

// An Answer is what a server gives, to the byte.
type Answer struct {
	Name, Raw string
	Closes    bool // the server closes the connection after it
}

// Answers are those of servers of many kinds, good and bad.
var Answers = []Answer{
	{"length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false},
	{"length 0", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false},
	{"long", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 100000), false},
	{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", false},
	{"chunk extension", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n", false},
	{"trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n", false},
	{"trailer not announced", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n", false},
	{"until close", "HTTP/1.1 200 OK\r\n\r\nhello", true},
	{"HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nhello", true},
	{"HTTP/1.0 kept", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", false},
	{"HTTP/1.0 chunked", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", true},
	{"close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", true},
	{"no content", "HTTP/1.1 204 No Content\r\n\r\n", false},
	{"no content with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", false},
	{"not modified", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false},
	{"continue", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false},
	{"early hints", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false},
	{"hints alone", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", true},
	{"length and chunked", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", false},
	{"two lengths alike", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", false},
	{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 4\r\n\r\nhello", true},
	{"a length below 0", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", true},
	{"a length in words", "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello", true},
	{"a length with a sign", "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", true},
	{"gzip, chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", true},
	{"identity", "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello", true},
	{"chunked twice", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", true},
	{"no status", "HTTP/1.1\r\n\r\n", true},
	{"a status in words", "HTTP/1.1 two OK\r\n\r\n", true},
	{"a status of 4 digits", "HTTP/1.1 2000 OK\r\n\r\n", true},
	{"a status below 100", "HTTP/1.1 099 Low\r\nContent-Length: 5\r\n\r\nhello", true},
	{"no reason", "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello", false},
	{"another protocol", "SSH-2.0-x\r\n", true},
	{"HTTP/2", "HTTP/2.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", true},
	{"folded", "HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 5\r\n\r\nhello", false},
	{"space before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello", true},
	{"no colon", "HTTP/1.1 200 OK\r\nX-A\r\nContent-Length: 5\r\n\r\nhello", true},
	{"bare LF", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", false},
	{"bare CR", "HTTP/1.1 200 OK\r\nX-A: b\rX-B: c\r\nContent-Length: 5\r\n\r\nhello", false},
	{"NUL", "HTTP/1.1 200 OK\r\nX-A: b\x00c\r\nContent-Length: 5\r\n\r\nhello", false},
	{"small letters", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx-twice: a\r\nX-Twice: b\r\n\r\nhello", false},
	{"nothing", "", true},
	{"half a head", "HTTP/1.1 200 OK\r\nContent-Le", true},
	{"a head too long", "HTTP/1.1 200 OK\r\nConnection: close\r\nX-A: " + strings.Repeat("x", 64<<10) + "\r\nContent-Length: 5\r\n\r\nhello", true},
	{"many hints", strings.Repeat("HTTP/1.1 103 Early Hints\r\nX-A: "+strings.Repeat("x", 4<<10)+"\r\n\r\n", 16) + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false},
	{"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", true},
	{"half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", true},
	{"no last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", true},
	{"half a trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Su", true},
	{"a chunk in words", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\nhello\r\n0\r\n\r\n", true},
	{"a chunk beyond count", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n", true},
	{"a chunk longer than said", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n", true},
	{"more than was said", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhello", false},
	{"two answers", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb", false},
	{"error", "HTTP/1.1 500 Sorry\r\nContent-Length: 5\r\n\r\nsorry", false},
}
