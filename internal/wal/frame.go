package wal

import (
	"encoding/binary"
	"hash/crc32"
)

const (
	frameMagic  = 0xD7A11EE3
	frameHeader = 16
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A frame's checksum covers the segment's salt, so bytes that somebody put into
// a record do not pass for a frame when damage is skipped.
func checksum(salt uint32, header, record []byte) uint32 {
	return crc32.Update(crc32.Update(salt, castagnoli, header[4:12]), castagnoli, record)
}

// appendFrame appends record number index of a segment, framed.
func appendFrame(dst []byte, salt, index uint32, record []byte) []byte {
	at := len(dst)
	dst = binary.LittleEndian.AppendUint32(dst, frameMagic)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(record)))
	dst = binary.LittleEndian.AppendUint32(dst, index)
	dst = binary.LittleEndian.AppendUint32(dst, checksum(salt, dst[at:], record))
	return append(dst, record...)
}

// A header is the start of a frame, read.
type header struct {
	length, index, sum uint32
}

// parseHeader reads a frame's start; not ok where there is none.
func parseHeader(b []byte) (h header, ok bool) {
	if len(b) < frameHeader || binary.LittleEndian.Uint32(b) != frameMagic {
		return header{}, false
	}
	return header{
		length: binary.LittleEndian.Uint32(b[4:]),
		index:  binary.LittleEndian.Uint32(b[8:]),
		sum:    binary.LittleEndian.Uint32(b[12:]),
	}, true
}
