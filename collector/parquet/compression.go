package parquet

import (
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/klauspost/compress/zstd"
)

const (
	compressionLevel = 1
	// compressionWindow is how far back a repetition is found; pages are seldom
	// longer. The library's own choice, 4 MiB, takes 8 MiB an encoder.
	compressionWindow = 512 << 10
)

// A codec is the library's Zstandard with encoders that are kept: one a
// processor, of some 1 MiB. The library's are in a pool that the garbage
// collector empties, so that each publication made new ones.
type codec struct {
	compress.ErrorCodec
	encoder *zstd.Encoder
}

func init() {
	encoder := must(zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(compressionLevel)),
		zstd.WithWindowSize(compressionWindow), zstd.WithLowerEncoderMem(true),
		zstd.WithZeroFrames(true), zstd.WithAllLitEntropyCompression(true)))
	library := must(compress.GetCodec(compress.Codecs.Zstd))
	compress.RegisterCodec(compress.Codecs.Zstd, codec{library.(compress.ErrorCodec), encoder})
}

// EncodeLevel compresses src into the memory of dst, or more.
func (c codec) EncodeLevel(dst, src []byte, level int) []byte {
	if level != compressionLevel {
		return c.ErrorCodec.EncodeLevel(dst, src, level)
	}
	return c.encoder.EncodeAll(src, dst[:0])
}
