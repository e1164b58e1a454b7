package main

import "fmt"

// Totals are the figures of a run.
type Totals struct {
	Processed, Failed, Anomalies uint64
	// Sum is that of the values of all processed records.
	Sum float64
}

func (t Totals) String() string {
	return fmt.Sprintf("%d processed, %d failed, %d anomalies, sum of values %g", t.Processed, t.Failed, t.Anomalies, t.Sum)
}

// code: start metrics_collector

// collect is the Metrics Collector: it counts all records.
func collect(
	finished <-chan *Finished, order *order, window window,
	totals *Totals,
) error {
	for f := range finished { // event: depart
		for _, f := range order.push(f) { // event: work_start
			totals.add(f)     // event: counted
			window.release(f) // event: work_end
		}
	}
	return nil
}

// code: end

// add counts a record.
func (t *Totals) add(f *Finished) {
	if f.Status != Processed {
		t.Failed++
		return
	}
	t.Processed++
	t.Sum += f.Value
	if f.IsAnomaly {
		t.Anomalies++
	}
}
