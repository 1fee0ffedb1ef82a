"""The peer of athena-lite-bench: DuckDB over a folder of folders of Parquet files, one view a folder.

usage: duckdb_peer.py FOLDER [THREADS]
Reads one SQL text a line and answers with its time in milliseconds; the line `.memory` with the process's peak
memory in MiB.
"""
import os
import resource
import sys
import time

import duckdb

folder = sys.argv[1]
connection = duckdb.connect()
connection.execute(f"SET threads={sys.argv[2] if len(sys.argv) > 2 else 2}")
for table in sorted(os.listdir(folder)):
    files = os.listdir(os.path.join(folder, table))
    reader = "read_parquet" if any(f.endswith(".parquet") for f in files) else "read_csv"
    connection.execute(f"CREATE VIEW {table} AS SELECT * FROM {reader}('{folder}/{table}/*')")
for line in sys.stdin:
    if line.strip() == ".memory":
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)
        continue
    start = time.perf_counter()
    connection.execute(line).fetchall()
    print((time.perf_counter() - start) * 1000, flush=True)
