"""Reads a lake with pyarrow, pandas and DuckDB and compares it with what its writer says.

usage: read_lake.py LAKE EXPECTED

EXPECTED is JSON: {table: {"types": {column: DuckDB type}, "rows": [{column: value, ...}, ...]}},
the rows in any order, every column of the file in every row. A value is null, a bool, a string,
an integer (also microseconds since 1970 for times, and nano-dollars for money), {"double": hex},
a list of {member: value}, or {"map": {key: value}}. The exit status is 0 if all three readers
find exactly that.
"""

import datetime
import decimal
import json
import pathlib
import sys

import duckdb
import pandas
import pyarrow
import pyarrow.dataset
import pyarrow.parquet

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def plain(value, kind):
    """The value in the form of EXPECTED; kind is its pyarrow type."""
    if value is None:
        return None
    if pyarrow.types.is_map(kind):
        return {"map": dict(value)}
    if pyarrow.types.is_list(kind):
        return [{f.name: plain(element[f.name], f.type) for f in kind.value_type} for element in value]
    if pyarrow.types.is_floating(kind):
        return {"double": float(value).hex()}
    if isinstance(value, decimal.Decimal):
        return int(value.scaleb(9))
    if isinstance(value, datetime.datetime):
        return (value - EPOCH) // datetime.timedelta(microseconds=1)
    return value


def rows_of(table):
    rows = []
    columns = {f.name: table.column(f.name).to_pylist() for f in table.schema}
    for i in range(table.num_rows):
        rows.append({f.name: plain(columns[f.name][i], f.type) for f in table.schema})
    return rows


def compare(reader, table, got, want):
    def key(row):
        return json.dumps(row, sort_keys=True)

    got, want = sorted(got, key=key), sorted(want, key=key)
    if len(got) != len(want):
        sys.exit(f"{reader}: {table} has {len(got)} rows, not {len(want)}")
    for g, w in zip(got, want):
        for column in w:
            if column not in g or g[column] != w[column]:
                sys.exit(f"{reader}: {table}.{column} is {g.get(column)!r}, not {w[column]!r}")
        if g.keys() - w.keys():
            sys.exit(f"{reader}: {table} has columns nobody wrote: {g.keys() - w.keys()}")


def check_schema(table, schema):
    """No type that some engine cannot read."""
    for field in schema:
        kinds = [field.type]
        if pyarrow.types.is_list(field.type):
            kinds = [f.type for f in field.type.value_type]
        if pyarrow.types.is_map(field.type):
            kinds = [field.type.key_type, field.type.item_type]
        for kind in kinds:
            allowed = (pyarrow.string(), pyarrow.int64(), pyarrow.float64(), pyarrow.bool_(),
                       pyarrow.timestamp("us", tz="UTC"), pyarrow.decimal128(18, 9))
            if kind not in allowed:
                sys.exit(f"{table}.{field.name} has the type {field.type}")


def with_pyarrow(lake, table):
    data = pyarrow.dataset.dataset(lake / table, format="parquet")
    check_schema(table, data.schema)
    return rows_of(data.to_table())


def with_pandas(lake, table):
    frame = pandas.read_parquet(lake / table, partitioning=None, dtype_backend="pyarrow")
    return rows_of(pyarrow.Table.from_pandas(frame, preserve_index=False))


def with_duckdb(lake, table, types):
    db = duckdb.connect()
    db.execute("set timezone = 'UTC'")
    source = f"read_parquet('{lake / table}/**/*.parquet', hive_partitioning = true, hive_types_autocast = false)"
    described = {name: kind.replace('"', "") for name, kind, *_ in db.execute(f"describe select * from {source}").fetchall()}
    if described != types:
        sys.exit(f"duckdb: {table} has the types {described}, not {types}")
    return rows_of(db.sql(f"select * from {source}").to_arrow_table())


def main():
    lake, expected = pathlib.Path(sys.argv[1]), json.loads(pathlib.Path(sys.argv[2]).read_text())
    for table, want in expected.items():
        compare("pyarrow", table, with_pyarrow(lake, table), want["rows"])
        compare("pandas", table, with_pandas(lake, table), want["rows"])
        compare("duckdb", table, with_duckdb(lake, table, want["types"]), want["rows"])
    print(f"{len(expected)} tables read alike by pyarrow {pyarrow.__version__}, "
          f"pandas {pandas.__version__} and duckdb {duckdb.__version__}")


main()
