// Package parquet writes, lists, reads and compacts the Parquet files of the lake.
//
// A lake is a folder. Rows enter it in batches, all of a batch or none:
//
//	lake, err := parquet.Open(dir)
//	batch, err := lake.Begin("import-4f2a")
//	err = batch.Exchange(&row) // and Content, Outcome, Judgment, Label, Loss, Event
//	err = batch.Commit()       // or Abort
//
// They lie in TABLE/app=APP/date=DATE/BATCH-NUMBER.parquet, readable by anything that reads
// Parquet in hive folders, and manifest.json says which of the files count. Weir's readers ask
// for those and read them:
//
//	files, err := lake.Files("traces", "support-bot")
//	for row, err := range parquet.Read[trace.Exchange](lake.Path(files[0])) { ... }
//
// What the package promises when processes die, disks fill and others write at the same time
// stands in DESIGN.md beside this file; the columns and their types in docs/schema.md.
package parquet
