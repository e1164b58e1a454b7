select(.value >= 0 and .value <= 1000 and .unit != "INVALID_UNIT")
| .status = "processed"
| .processed_at = "2026-01-01T00:00:00.000000Z"
| .anomaly_score = .value * 0.1
| .is_anomaly = (.anomaly_score > 8.0)
