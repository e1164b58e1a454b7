"""Polars: python split_polars.py INPUT PROCESSED FAILED"""
import sys
import polars as pl

source, processed, failed = sys.argv[1:]
schema = {name: pl.String for name in ("id", "timestamp", "sensor_id", "value", "unit", "location", "status")}
schema["value"] = pl.Float64
read = pl.read_csv if source.endswith(".csv") else pl.read_ndjson
records = read(source, schema=schema)
out_of_range = (pl.col("value") < 0) | (pl.col("value") > 1000)
fails = out_of_range | (pl.col("unit") == "INVALID_UNIT")
score = pl.col("value") * 0.1
records.filter(~fails).with_columns(
    status=pl.lit("processed"),
    processed_at=pl.lit("2026-01-01T00:00:00.000000Z"),
    anomaly_score=score,
    is_anomaly=score > 8.0,
).write_ndjson(processed)
records.filter(fails).with_columns(
    status=pl.when(out_of_range).then(pl.lit("invalid")).otherwise(pl.lit("transformation_error")),
    error=pl.when(out_of_range)
    .then(pl.lit("Value out of expected range (0-1000)"))
    .otherwise(pl.lit("Invalid unit for transformation")),
).write_ndjson(failed)
