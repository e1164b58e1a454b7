"""DuckDB: python split_duckdb.py INPUT PROCESSED FAILED"""
import sys
import duckdb

source, processed, failed = sys.argv[1:]
columns = {name: "VARCHAR" for name in ("id", "timestamp", "sensor_id", "value", "unit", "location", "status")}
columns["value"] = "DOUBLE"
read = "read_csv(?, header = true, columns = ?)" if source.endswith(".csv") else "read_json(?, format = 'newline_delimited', columns = ?)"
out_of_range, invalid_unit = "(value < 0 OR value > 1000)", "(unit = 'INVALID_UNIT')"
fields = "id, timestamp, sensor_id, value, unit, location"

database = duckdb.connect()
# Read once, written twice: quicker than reading it twice.
database.execute(f"CREATE TEMP TABLE records AS SELECT * FROM {read}", [source, columns])
database.execute(f"""
    COPY (SELECT {fields}, 'processed' AS status, '2026-01-01T00:00:00.000000Z' AS processed_at,
            value * 0.1 AS anomaly_score, value * 0.1 > 8.0 AS is_anomaly
        FROM records WHERE NOT {out_of_range} AND NOT {invalid_unit})
    TO '{processed}' (FORMAT json)""")
database.execute(f"""
    COPY (SELECT {fields}, CASE WHEN {out_of_range} THEN 'invalid' ELSE 'transformation_error' END AS status,
            CASE WHEN {out_of_range} THEN 'Value out of expected range (0-1000)'
                ELSE 'Invalid unit for transformation' END AS error
        FROM records WHERE {out_of_range} OR {invalid_unit})
    TO '{failed}' (FORMAT json)""")
