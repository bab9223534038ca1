package lake

import (
	"fmt"
	"math/big"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// plain turns DuckDB's values into Go's own: nil, bool, int64, *big.Int,
// float64, string, time.Time in UTC, []any and map[string]any.
func plain(v any) any {
	switch v := v.(type) {
	case nil, bool, int64, float64, string, *big.Int:
		return v
	case int8:
		return int64(v)
	case int16:
		return int64(v)
	case int32:
		return int64(v)
	case uint8:
		return int64(v)
	case uint16:
		return int64(v)
	case uint32:
		return int64(v)
	case uint64:
		return new(big.Int).SetUint64(v)
	case float32:
		return float64(v)
	case []byte:
		return string(v)
	case time.Time:
		return v.UTC()
	case duckdb.Decimal:
		return v.Float64()
	case duckdb.Interval:
		return fmt.Sprintf("%d months %d days %s", v.Months, v.Days, time.Duration(v.Micros)*time.Microsecond)
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = plain(x)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = plain(x)
		}
		return out
	case duckdb.OrderedMap:
		out := map[string]any{}
		for i, k := range v.Keys() {
			out[fmt.Sprint(plain(k))] = plain(v.Values()[i])
		}
		return out
	default:
		return fmt.Sprint(v)
	}
}
