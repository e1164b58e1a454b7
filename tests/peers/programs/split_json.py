"""Python: python split_json.py json|orjson INPUT PROCESSED FAILED"""
import importlib
import sys

name, source, processed, failed = sys.argv[1:]
module = importlib.import_module(name)
loads = module.loads
if name == "orjson":
    dumps = module.dumps
else:
    dumps = lambda record: module.dumps(record, separators=(",", ":")).encode()

with open(source, "rb") as lines, open(processed, "wb", 1 << 18) as good, open(failed, "wb", 1 << 18) as bad:
    for line in lines:
        record = loads(line)
        value = record["value"]
        if value < 0 or value > 1000:
            record["status"] = "invalid"
            record["error"] = "Value out of expected range (0-1000)"
            bad.write(dumps(record) + b"\n")
        elif record["unit"] == "INVALID_UNIT":
            record["status"] = "transformation_error"
            record["error"] = "Invalid unit for transformation"
            bad.write(dumps(record) + b"\n")
        else:
            score = value * 0.1
            record["status"] = "processed"
            record["processed_at"] = "2026-01-01T00:00:00.000000Z"
            record["anomaly_score"] = score
            record["is_anomaly"] = score > 8.0
            good.write(dumps(record) + b"\n")
