//go:build router

package importer

import (
	"context"
	"fmt"
)

// readParquet is left out of the router: it imports no files, and the decoder
// brings a network protocol along that would make it a tenth larger.
func readParquet(_ context.Context, name string, _ func(int), yield yield) {
	yield(nil, fmt.Errorf("%s: this program reads no Parquet files: import it with weir", name))
}
