package main

import "sync/atomic"

// The known fields of a record, in the order of the files.
const (
	id = iota
	timestamp
	sensorID
	value
	unit
	location
	fieldCount
)

var fieldNames = [fieldCount]string{"id", "timestamp", "sensor_id", "value", "unit", "location"}

// Record is a record on its way to the Transformers.
type Record struct {
	// Number is its position in the order of production, from 0.
	Number uint64
	// Line is the number of its line in the input, from 1; 0 if it was generated.
	Line int
	// Raw is its line, until a Validator has parsed it; nil if it was generated.
	Raw []byte
	// Fields are its known fields as JSON, as they came; nil where there is none.
	Fields [fieldCount][]byte
	// Value is the field as a number; NaN if there is none.
	Value float64
	// Unknown are its other fields, in their order.
	Unknown []Member
}

// Member is a field of a JSON object: the name with its quotes, and the value, both as they came.
type Member struct {
	Name, Value []byte
}

// Status is what a record is at the end.
type Status string

const (
	Processed           Status = "processed"
	Invalid             Status = "invalid"
	TransformationError Status = "transformation_error"
)

func (s Status) isProcessed() bool { return s == Processed }
func (s Status) isFailed() bool    { return s != Processed }

// Finished is a record with its outcome. All three consumers have the same one.
type Finished struct {
	Number    uint64
	Status    Status
	IsAnomaly bool
	Value     float64
	// Line is what stands in the file.
	Line []byte
	// left counts the consumers that have not finished it.
	left atomic.Int32
}

// finish makes the finished record that its consumers get.
func finish(r *Record, status Status, line []byte) *Finished {
	f := &Finished{Number: r.Number, Status: status, Value: r.Value, Line: line}
	f.left.Store(consumers)
	return f
}
