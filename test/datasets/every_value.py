"""Reads a file with the readers researchers use, and holds every value against what it has to be.

usage: every_value.py EXPECTED.json FILE…

Prints, by file and reader, how many values were compared and the first that are not what they have to be.
"""

import json
import re
import struct
import sys
import uuid
from datetime import datetime, timezone
from decimal import Decimal

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def decimal_text(value):
    text = format(Decimal(value), "f")
    return text.lstrip("-") if Decimal(value) == 0 else text


def double_text(value):
    return struct.pack(">d", value + 0.0 if value else 0.0).hex()


def micros_text(value):
    """Microseconds since 1970, of a moment or of the text of one."""
    if isinstance(value, str):
        whole, fraction = re.fullmatch(r"(.{19})\.(\d{6})Z", value).groups()
        seconds = datetime.fromisoformat(whole + "+00:00") - EPOCH
        return str((seconds.days * 86_400 + seconds.seconds) * 1_000_000 + int(fraction))
    if isinstance(value, pandas.Timestamp):
        return str(value.as_unit("ns").value // 1000 if abs(value.year - 1970) < 200 else None)
    since = value.astimezone(timezone.utc) - EPOCH
    return str((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)


def text_of(value):
    return str(uuid.UUID(bytes=value)) if isinstance(value, bytes) else str(value)


def cell(kind, value, as_text):
    """A value in the one written form of the expectation; as_text of formats that know texts alone."""
    if value is None or value is pandas.NaT or value is pandas.NA or (isinstance(value, float) and value != value):
        return None
    if kind in ("dollars", "contracts"):
        return decimal_text(value)
    if kind == "time":
        return micros_text(value)
    if kind == "number":
        return double_text(float(value))
    if kind == "integer":
        return str(value) if as_text else str(int(value))
    if kind == "boolean":
        return value if as_text else ("true" if value else "false")
    if kind == "json":
        return json.dumps(json.loads(value), sort_keys=True)
    return text_of(value)


def wanted(kind, value):
    return json.dumps(json.loads(value), sort_keys=True) if kind == "json" and value is not None else value


def by_pandas(frame):
    return {name: list(frame[name].astype(object)) for name in frame.columns}


def by_duckdb(source):
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    cursor = db.execute(f"SELECT * FROM {source}")
    names = [one[0] for one in cursor.description]
    return dict(zip(names, map(list, zip(*cursor.fetchall()))))


def readers(path):
    """By name: the columns of a file as lists, and whether all of them are texts."""
    if path.endswith(".parquet"):
        return {
            "pyarrow": (lambda: pyarrow.parquet.read_table(path).to_pydict(), False),
            # Integers with gaps stay integers, as whoever has large ones reads them.
            "pandas": (lambda: by_pandas(pandas.read_parquet(path, dtype_backend="pyarrow")), False),
            "polars": (lambda: polars.read_parquet(path).to_dict(as_series=False), False),
            "duckdb": (lambda: by_duckdb(f"read_parquet('{path}', hive_partitioning = false)"), False),
        }
    if path.endswith(".arrow"):
        read = lambda: pyarrow.ipc.open_file(path).read_all()  # noqa: E731

        def arrow_in_duckdb():
            records = read()  # noqa: F841 (named in the query)
            db = duckdb.connect()
            db.execute("SET TimeZone = 'UTC'")
            cursor = db.execute("SELECT * FROM records")
            return dict(zip([one[0] for one in cursor.description], map(list, zip(*cursor.fetchall()))))

        return {
            "pyarrow": (lambda: read().to_pydict(), False),
            "pandas": (lambda: by_pandas(read().to_pandas(types_mapper=pandas.ArrowDtype)), False),
            "polars": (lambda: polars.read_ipc(path).to_dict(as_series=False), False),
            "duckdb": (arrow_in_duckdb, False),
        }
    texts = {name: pyarrow.string() for name in open(path, encoding="utf-8", newline="").readline().rstrip("\r\n").split(",")}
    return {
        "pyarrow": (
            lambda: pyarrow.csv.read_csv(
                path,
                parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
                convert_options=pyarrow.csv.ConvertOptions(
                    column_types=texts, strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""]
                ),
            ).to_pydict(),
            True,
        ),
        "pandas": (lambda: by_pandas(pandas.read_csv(path, dtype=str, keep_default_na=False, na_values=[])), True),
        "polars": (lambda: polars.read_csv(path, infer_schema=False).to_dict(as_series=False), True),
        "duckdb": (lambda: by_duckdb(f"read_csv('{path}', all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"', allow_quoted_nulls = false, auto_detect = false, columns = {columns_of(texts)}, max_line_size = 10000000)"), True),
    }


def columns_of(texts):
    return "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in texts) + "}"


def compare(expected, path, reader, read, as_text):
    found = read()
    wrong, compared = [], 0
    for at, column in enumerate(expected["columns"]):
        name, kind = column["name"], column["kind"]
        values = found[name]
        if len(values) != len(expected["rows"]):
            return {"compared": 0, "wrong": [f"{name}: {len(values)} rows instead of {len(expected['rows'])}"]}
        for row, value in enumerate(values):
            want = wanted(kind, expected["rows"][row][at])
            # The one reader that cannot tell an empty text from none gives an empty text for both.
            if reader == "pandas" and path.endswith(".csv"):
                want, value = (None if want == "" else want), (None if value == "" else value)
            have = cell(kind, value, as_text)
            compared += 1
            if have != want and len(wrong) < 5:
                wrong.append(f"{name} of row {row}: {have!r} instead of {want!r}")
    return {"compared": compared, "wrong": wrong}


def main(expectation, *paths):
    with open(expectation, encoding="utf-8") as file:
        expected = json.load(file)
    report = {}
    for path in paths:
        ending = path.rsplit(".", 1)[1]
        report[ending] = {
            name: compare(expected, path, name, read, as_text) for name, (read, as_text) in readers(path).items()
        }
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
