if .value < 0 or .value > 1000 then
  .status = "invalid" | .error = "Value out of expected range (0-1000)"
elif .unit == "INVALID_UNIT" then
  .status = "transformation_error" | .error = "Invalid unit for transformation"
else empty end
