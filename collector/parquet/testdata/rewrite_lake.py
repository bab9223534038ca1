"""Writes the rows of a lake again as other tools would: one folder by DuckDB, one by pyarrow.

usage: rewrite_lake.py LAKE TO_DUCKDB TO_PYARROW
"""

import pathlib
import sys

import duckdb
import pyarrow.dataset

lake, to_duckdb, to_pyarrow = (pathlib.Path(a) for a in sys.argv[1:])
for table in sorted(p.name for p in lake.iterdir() if p.is_dir() and not p.name.startswith(".")):
    (to_duckdb / table).mkdir(parents=True)
    db = duckdb.connect()
    db.execute("set timezone = 'UTC'")
    db.execute(f"copy (from read_parquet('{lake / table}/**/*.parquet')) to '{to_duckdb / table}'"
               " (format parquet, partition_by (app, date), overwrite_or_ignore)")
    rows = pyarrow.dataset.dataset(lake / table, format="parquet").to_table()
    pyarrow.dataset.write_dataset(rows, to_pyarrow / table, format="parquet",
                                  partitioning=["app", "date"], partitioning_flavor="hive")
