//go:build !router

package importer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// batchRows is how many rows of a Parquet file are decoded at once.
const batchRows = 4096

// readParquet reads the rows of a Parquet file. A damaged file is an error,
// also where the decoder panics on it.
func readParquet(ctx context.Context, name string, count func(int), yield yield) {
	consuming := false // a panic of the consumer is none of the decoder
	err := func() (err error) {
		defer func() {
			if r := recover(); r != nil {
				if consuming {
					panic(r)
				}
				err = fmt.Errorf("%s: is a damaged Parquet file", name)
			}
		}()
		return readBatches(ctx, name, count, func(r *record, err error) bool {
			consuming = true
			goOn := yield(r, err)
			consuming = false
			return goOn
		})
	}()
	if err != nil {
		yield(nil, err)
	}
}

func readBatches(ctx context.Context, name string, count func(int), yield yield) error {
	opened, err := os.Open(name)
	if err != nil {
		return err
	}
	defer opened.Close()
	info, err := opened.Stat()
	if err != nil {
		return err
	}
	parquetFile, err := file.NewParquetReader(opened)
	if err != nil {
		return fmt.Errorf("%s: is no Parquet file, or cut off: %w", name, err)
	}
	defer parquetFile.Close()
	// A copy of the Arrow schema that a writer may have left is not needed, and
	// a damaged one makes the decoder ask for all memory.
	parquetFile.MetaData().FileMetaData.KeyValueMetadata = nil
	reader, err := pqarrow.NewFileReader(parquetFile, pqarrow.ArrowReadProperties{BatchSize: batchRows}, memory.DefaultAllocator)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	batches, err := reader.GetRecordReader(ctx, nil, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer batches.Release()
	perRow := float64(info.Size()) / float64(max(1, parquetFile.NumRows()))
	return yieldBatches(name, batches, func(rows int64) { count(int(perRow * float64(rows))) }, yield)
}

// yieldBatches yields the rows of all batches; done is told of each batch.
func yieldBatches(name string, batches pqarrow.RecordReader, done func(rows int64), yield yield) error {
	h, err := parquetHeader(name, batches.Schema())
	if err != nil {
		return err
	}
	r := &record{position: position{file: name}, header: h, cells: make([]value, len(h.names))}
	for batches.Next() {
		batch := batches.RecordBatch()
		for i := range int(batch.NumRows()) {
			r.row++
			bad := r.fillFrom(batch, i)
			if bad != nil && !yield(r.unreadable(""), bad) || bad == nil && !yield(r, nil) {
				return nil
			}
		}
		done(batch.NumRows())
	}
	if err := batches.Err(); err != nil {
		return fmt.Errorf("%s: is a damaged Parquet file: %w", name, err)
	}
	return nil
}

func parquetHeader(name string, schema *arrow.Schema) (*header, error) {
	names := make([]string, schema.NumFields())
	seen := map[string]bool{}
	for i, f := range schema.Fields() {
		if seen[f.Name] {
			return nil, fmt.Errorf("%s: has the column %q twice", name, f.Name)
		}
		names[i], seen[f.Name] = f.Name, true
	}
	return newHeader(names, false), nil
}

func (r *record) fillFrom(batch arrow.RecordBatch, i int) *RowError {
	for c := range r.cells {
		data, err := native(batch.Column(c), i)
		if err != nil {
			return r.bad(r.header.names[c], "", err)
		}
		r.cells[c] = valueOf(data)
	}
	return nil
}

// native returns a cell of a column as decoded JSON would be, times as
// time.Time.
func native(column arrow.Array, i int) (any, error) {
	if column.IsNull(i) {
		return nil, nil
	}
	switch column := column.(type) {
	case *array.Boolean:
		return column.Value(i), nil
	case *array.Timestamp:
		return nativeTime(column.Value(i).ToTime(column.DataType().(*arrow.TimestampType).Unit)), nil
	case *array.Date32:
		return nativeTime(column.Value(i).ToTime()), nil
	case *array.Date64:
		return nativeTime(column.Value(i).ToTime()), nil
	case *array.Float32:
		return nativeFloat(float64(column.Value(i)), 32), nil
	case *array.Float64:
		return nativeFloat(column.Value(i), 64), nil
	case *array.Binary:
		return nativeText(string(column.Value(i)))
	case *array.LargeBinary:
		return nativeText(string(column.Value(i)))
	case *array.Dictionary:
		return native(column.Dictionary(), column.GetValueIndex(i))
	case *array.Struct:
		return nativeStruct(column, i)
	case *array.Map:
		return nativeMap(column, i)
	case array.ListLike:
		start, end := column.ValueOffsets(i)
		return nativeList(column.ListValues(), int(start), int(end))
	}
	return nativeOther(column, i)
}

// nativeOther covers integers, decimals and all that is written as text.
func nativeOther(column arrow.Array, i int) (any, error) {
	switch column.DataType().ID() {
	case arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.UINT8, arrow.UINT16, arrow.UINT32, arrow.UINT64,
		arrow.DECIMAL32, arrow.DECIMAL64, arrow.DECIMAL128, arrow.DECIMAL256:
		return json.Number(column.ValueStr(i)), nil
	}
	return nativeText(strings.Clone(column.ValueStr(i)))
}

// nativeFloat keeps what is no finite number as text, which is what makes it a bad value.
func nativeFloat(f float64, bits int) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return fmt.Sprint(f)
	}
	return json.Number(strconv.FormatFloat(f, 'g', -1, bits))
}

// nativeTime likewise keeps a time that no calendar has as text.
func nativeTime(t time.Time) any {
	if t.Year() < 1 || t.Year() > 9999 {
		return fmt.Sprint(t.Unix())
	}
	return t
}

func nativeText(s string) (any, error) {
	if !utf8.ValidString(s) {
		return nil, errors.New("is not UTF-8")
	}
	return s, nil
}

func nativeStruct(column *array.Struct, i int) (any, error) {
	object := make(map[string]any, column.NumField())
	for f, field := range column.DataType().(*arrow.StructType).Fields() {
		inner, err := native(column.Field(f), i)
		if err != nil {
			return nil, err
		}
		object[field.Name] = inner
	}
	return object, nil
}

func nativeMap(column *array.Map, i int) (any, error) {
	start, end := column.ValueOffsets(i)
	object := make(map[string]any, end-start)
	for j := int(start); j < int(end); j++ {
		inner, err := native(column.Items(), j)
		if err != nil {
			return nil, err
		}
		object[strings.Clone(column.Keys().ValueStr(j))] = inner
	}
	return object, nil
}

func nativeList(values arrow.Array, start, end int) (any, error) {
	list := make([]any, 0, end-start)
	for j := start; j < end; j++ {
		inner, err := native(values, j)
		if err != nil {
			return nil, err
		}
		list = append(list, inner)
	}
	return list, nil
}
