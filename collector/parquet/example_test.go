package parquet_test

import (
	"fmt"
	"os"
	"time"

	"weir/collector/parquet"
	"weir/trace"
)

func Example() {
	dir, err := os.MkdirTemp("", "lake")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	lake, err := parquet.Open(dir)
	if err != nil {
		panic(err)
	}
	batch, err := lake.Begin("import-4f2a")
	if err != nil {
		panic(err)
	}
	defer batch.Abort() // does nothing after Commit
	for i := range 3 {
		err := batch.Exchange(&trace.Exchange{
			TraceID: fmt.Sprint("trace-", i), App: "support-bot", AssignedVersion: "v1",
			StartedAt: time.Date(2026, 11, 23, 10, i, 0, 0, time.UTC),
		})
		if err != nil {
			panic(err)
		}
	}
	if err := batch.Commit(); err != nil {
		panic(err)
	}

	files, err := lake.Files("traces", "support-bot")
	if err != nil {
		panic(err)
	}
	for _, f := range files {
		fmt.Println(f.Path, f.Rows, "rows")
		for row, err := range parquet.Read[trace.Exchange](lake.Path(f)) {
			if err != nil {
				panic(err)
			}
			fmt.Println(row.TraceID, row.StartedAt.Format(time.TimeOnly))
		}
	}
	// Output:
	// traces/app=support-bot/date=2026-11-23/import-4f2a-0000.parquet 3 rows
	// trace-0 10:00:00
	// trace-1 10:01:00
	// trace-2 10:02:00
}
