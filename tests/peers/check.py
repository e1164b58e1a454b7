"""Says what is in two files: python check.py PROCESSED FAILED"""
import json
import math
import sys

def records(path):
    with open(path, "rb") as lines:
        return [json.loads(line) for line in lines]

processed, failed = map(records, sys.argv[1:])
reasons = {}
for record in failed:
    reason = f"{record['status']}: {record['error']}"
    reasons[reason] = reasons.get(reason, 0) + 1
print(json.dumps({
    "processed": len(processed),
    "failed": len(failed),
    "ids": len({record["id"] for record in processed + failed}),
    "anomalies": sum(str(record["is_anomaly"]).lower() == "true" for record in processed),
    "values": round(math.fsum(record["value"] for record in processed), 3),
    "scores": round(math.fsum(record["anomaly_score"] for record in processed), 3),
    "statuses": sorted({record["status"] for record in processed}),
    "reasons": dict(sorted(reasons.items())),
}))
