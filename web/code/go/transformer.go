package main

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"
)

// Transformer scores records.
type Transformer struct {
	rules TransformerRules
	now   func() time.Time
}

func newTransformer(config *Config) *Transformer {
	return &Transformer{config.Transformer, config.now}
}

// code: start transformer

// run is one Transformer: it sends all records to the consumers, those
// that it can't transform by another channel.
func (t *Transformer) run(
	ctx context.Context, valid <-chan *Record,
	processed, failed chan<- *Finished,
) error {
	for record := range valid { // event: depart
		finished := t.transform(record) // event: work_start
		output := processed
		if finished.Status != Processed {
			output = failed // event: transformation_error
		}
		select {
		case output <- finished: // event: processed, anomaly, send
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// code: end

// transform scores a record, and writes its line.
func (t *Transformer) transform(r *Record) *Finished {
	fail := func(reason string) *Finished {
		return finish(r, TransformationError, failedLine(r, TransformationError, reason))
	}
	if !t.accepts(r) {
		return fail("Invalid unit for transformation")
	}
	score := r.Value * t.rules.Multiplier
	switch {
	case math.IsNaN(r.Value):
		return fail("No value for transformation")
	case math.IsInf(score, 0):
		return fail("Anomaly score out of the range of a 64-bit float")
	}
	isAnomaly := score > t.rules.Threshold
	f := finish(r, Processed, processedLine(r, t.now(), score, isAnomaly))
	f.IsAnomaly = isAnomaly
	return f
}

// accepts returns whether the unit of a record can be transformed. Spaces around it don't matter.
func (t *Transformer) accepts(r *Record) bool {
	unit := strings.TrimSpace(unquote(r.Fields[unit]))
	isUnit := func(other string) bool { return strings.TrimSpace(other) == unit }
	valid := t.rules.ValidUnits
	return !slices.ContainsFunc(t.rules.InvalidUnits, isUnit) &&
		(len(valid) == 0 || slices.ContainsFunc(valid, isUnit))
}
