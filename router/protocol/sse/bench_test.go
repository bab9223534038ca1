package sse

import (
	"bytes"
	"testing"
)

// BenchmarkWrite splits 32 KiB at a time, also where every byte ends a line.
func BenchmarkWrite(b *testing.B) {
	for name, line := range map[string]string{"LF": "data: some words of an answer\n\n", "CR": "\r", "CRLF": "data: some words\r\n\r\n"} {
		b.Run(name, func(b *testing.B) {
			chunk := bytes.Repeat([]byte(line), (32<<10)/len(line))
			s := New(1<<10, func(Event) {})
			b.SetBytes(int64(len(chunk)))
			for b.Loop() {
				_, _ = s.Write(chunk)
			}
		})
	}
}
