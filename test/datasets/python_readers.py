"""Reads a Parquet and a CSV file with the readers researchers use, and prints what each saw as JSON.

usage: python_readers.py FILE.parquet FILE.csv
"""

import json
import sys
import uuid
from decimal import Decimal

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.compute
import pyarrow.parquet


def micros(value):
    """Microseconds since 1970 of a moment with a zone."""
    stamp = pandas.Timestamp(value).tz_convert("UTC")
    return stamp.value // 1000


def uuid_text(value):
    """A UUID as text, whether the reader gives it as bytes, as an object or as text."""
    return str(uuid.UUID(bytes=value)) if isinstance(value, bytes) else str(value)


def main(parquet, csv):
    table = pyarrow.parquet.read_table(parquet)
    types = {field.name: str(field.type) for field in table.schema}
    compute = pyarrow.compute
    notional = sum(
        (price.as_py() * count.as_py() for price, count in zip(table["yes_price"], table["count"])), Decimal(0)
    )
    by_pyarrow = {
        "rows": table.num_rows,
        "count": str(compute.sum(table["count"].cast(pyarrow.decimal128(38, 2))).as_py()),
        "notional": str(notional),
        "nulls": table["taker_side"].null_count,
        "first": micros(table["created_time"][0].as_py()),
        "trade_id": uuid_text(table["trade_id"][0].as_py()),
        "text": table["ticker"][0].as_py(),
    }

    frame = polars.read_parquet(parquet)
    by_polars = {
        "rows": frame.height,
        "count": str(frame["count"].sum()),
        "notional": str(sum((p * c for p, c in zip(frame["yes_price"], frame["count"])), Decimal(0))),
        "nulls": frame["taker_side"].null_count(),
        "first": micros(frame["created_time"][0]),
        "text": frame["ticker"][0],
        "types": {name: str(kind) for name, kind in frame.schema.items()},
    }

    data = pandas.read_parquet(parquet)
    by_pandas = {
        "rows": len(data),
        "count": str(sum(data["count"], Decimal(0))),
        "notional": str(sum((p * c for p, c in zip(data["yes_price"], data["count"])), Decimal(0))),
        "nulls": int(data["taker_side"].isna().sum()),
        "first": micros(data["created_time"].iloc[0]),
        "text": data["ticker"].iloc[0],
    }

    db = duckdb.connect()
    query = """
        SELECT count(*), sum("count")::VARCHAR, sum(yes_price::DECIMAL(18,6) * "count"::DECIMAL(18,2))::VARCHAR,
               count(*) FILTER (WHERE taker_side IS NULL), epoch_us(min(created_time)), first(ticker)
        FROM {source}
    """
    names = ("rows", "count", "notional", "nulls", "first", "text")
    by_duckdb = dict(zip(names, db.execute(query.format(source=f"read_parquet('{parquet}')")).fetchone()))

    texts = pandas.read_csv(csv, dtype=str, keep_default_na=False, na_values=[])
    by_csv = {
        "rows": len(texts),
        "count": str(sum((Decimal(text) for text in texts["count"]), Decimal(0))),
        "notional": str(sum((Decimal(p) * Decimal(c) for p, c in zip(texts["yes_price"], texts["count"])), Decimal(0))),
        "first": micros(texts["created_time"].iloc[0]),
        "text": texts["ticker"].iloc[0],
    }
    json.dump(
        {
            "types": types,
            "pyarrow": by_pyarrow,
            "polars": by_polars,
            "pandas": by_pandas,
            "duckdb": by_duckdb,
            "csv": by_csv,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
