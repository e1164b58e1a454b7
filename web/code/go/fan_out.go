package main

import "context"

// code: start fan_out

// fanOut merges both streams and gives each record to every consumer in
// turn. A slow one delays the others.
func fanOut(
	ctx context.Context, processed, failed <-chan *Finished,
	outputs ...chan<- *Finished,
) error {
	for processed != nil || failed != nil {
		var finished *Finished
		var ok bool
		select {
		case finished, ok = <-processed: // event: depart@processedCh
			if !ok {
				processed = nil // A nil channel is never ready.
				continue
			}
		case finished, ok = <-failed: // event: depart@errorCh
			if !ok {
				failed = nil
				continue
			}
		}
		for _, output := range outputs {
			select {
			case output <- finished: // event: send
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// code: end
