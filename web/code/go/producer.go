package main

import (
	"context"
	"io"
)

// source is where records come from.
type source interface {
	// next returns the next record, or io.EOF if there is none.
	next() (*Record, error)
}

// code: start producer

// produce sends the records of the source to the Validators.
func produce(
	ctx context.Context, src source, window window, data chan<- *Record,
) error {
	for {
		record, err := src.next() // event: produced
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case window <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case data <- record: // event: send
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// code: end
