"""Reads the folder of a kind of datasets with the readers researchers use, each by its partitions, and prints what each saw as JSON.

usage: python_library.py LIBRARY/kind=trades
"""

import json
import sys
from decimal import Decimal

import duckdb
import pandas
import polars
import pyarrow.dataset


def told(rows):
    """Rows and exact contracts of each series and day, as text."""
    found = {}
    for series, date, count in rows:
        key = f"{series} {str(date)[:10]}"
        seen, contracts = found.get(key, (0, Decimal(0)))
        found[key] = (seen + 1, contracts + Decimal(count))
    return {key: [seen, str(contracts)] for key, (seen, contracts) in sorted(found.items())}


def main(folder):
    table = pyarrow.dataset.dataset(folder, format="parquet", partitioning="hive").to_table()
    one_day = pyarrow.dataset.dataset(folder, format="parquet", partitioning="hive").to_table(
        filter=(pyarrow.dataset.field("series") == "KXB")
    )
    frame = pandas.read_parquet(folder)
    lazy = polars.scan_parquet(folder, hive_partitioning=True).collect()
    query = f"""
        SELECT series, date, "count" FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true)
    """
    json.dump(
        {
            "pyarrow": told(zip(*(table[name].to_pylist() for name in ("series", "date", "count")))),
            "pyarrow_filtered": one_day.num_rows,
            "pandas": told(zip(frame["series"], frame["date"], frame["count"])),
            "polars": told(lazy.select("series", "date", "count").iter_rows()),
            "duckdb": told(duckdb.connect().execute(query).fetchall()),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
