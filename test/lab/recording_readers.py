"""Reads quotes of a recording, as Parquet and as Arrow, with the readers researchers use, and prints what each saw as JSON.

usage: recording_readers.py FILE.parquet FILE.arrow
"""

import json
import sys
from decimal import Decimal

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.ipc
import pyarrow.parquet


def micros(value):
    """Microseconds since 1970 of a moment with a zone."""
    return pandas.Timestamp(value).tz_convert("UTC").value // 1000


def seen(times, bids, sizes, trusts):
    """What all readers are asked: exact sums, how many bids are unknown, and the moments (below a thousand seconds) summed up."""
    return {
        "rows": len(times),
        "bids": str(sum((bid for bid in bids if bid is not None), Decimal(0))),
        "sizes": str(sum((size for size in sizes if size is not None), Decimal(0))),
        "unknown": sum(trust == "unknown" for trust in trusts),
        "nulls": sum(bid is None for bid in bids),
        "times": sum(micros(time) % 10**9 for time in times),
    }


def of_arrow(table):
    return seen(*(table[name].to_pylist() for name in ("time", "yes_bid", "yes_bid_size", "trust")))


def of_polars(frame):
    return seen(*(frame[name].to_list() for name in ("time", "yes_bid", "yes_bid_size", "trust")))


def of_pandas(data):
    bids, sizes = ([None if pandas.isna(one) else one for one in data[name]] for name in ("yes_bid", "yes_bid_size"))
    return seen(list(data["time"]), bids, sizes, list(data["trust"]))


def main(parquet, arrow):
    with pyarrow.OSFile(arrow) as file:
        table = pyarrow.ipc.open_file(file).read_all()
    of_file = pyarrow.parquet.read_table(parquet)
    db = duckdb.connect()
    rows = db.execute(f"SELECT time, yes_bid, yes_bid_size, trust FROM read_parquet('{parquet}')").fetchall()
    json.dump(
        {
            "types": {
                "parquet": {field.name: str(field.type) for field in of_file.schema},
                "arrow": {field.name: str(field.type) for field in table.schema},
            },
            "readers": {
                "pyarrow, Parquet": of_arrow(of_file),
                "pyarrow, Arrow": of_arrow(table),
                "polars, Parquet": of_polars(polars.read_parquet(parquet)),
                "polars, Arrow": of_polars(polars.read_ipc(arrow)),
                "pandas, Parquet": of_pandas(pandas.read_parquet(parquet)),
                "pandas, Arrow": of_pandas(pandas.read_feather(arrow)),
                "duckdb, Parquet": seen(*zip(*rows)),
            },
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
