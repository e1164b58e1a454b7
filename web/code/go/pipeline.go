package main

import (
	"context"
	"io"
	"sync"
)

// run wires the stages, from the source to the two files, and waits until all of them have ended. The first error of a
// stage cancels the others, and is returned.
func run(ctx context.Context, config *Config, src source, processedFile, failedFile io.Writer) (Totals, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	c := config.Channels
	data := make(chan *Record, c.Data)
	valid := make(chan *Record, c.Valid)
	processed := make(chan *Finished, c.Processed)
	failed := make(chan *Finished, c.Error)
	load := make(chan *Finished, c.Loader)
	handle := make(chan *Finished, c.ErrorHandler)
	count := make(chan *Finished, c.Metrics)
	window := make(window, config.Window)

	var all sync.WaitGroup
	start := func(workers int, stage func() error, outputs ...func()) {
		var pool sync.WaitGroup
		for range workers {
			pool.Add(1)
			all.Add(1)
			go func() {
				defer all.Done()
				defer pool.Done()
				if err := stage(); err != nil {
					cancel(err)
				}
			}()
		}
		all.Add(1)
		go func() {
			defer all.Done()
			// A channel is closed when its last sender has ended.
			pool.Wait()
			for _, end := range outputs {
				end()
			}
		}()
	}

	// Both pools send to it.
	var failing sync.WaitGroup
	failing.Add(2)
	go func() {
		failing.Wait()
		close(failed)
	}()

	var totals Totals
	validator, transformer := newValidator(config), newTransformer(config)
	start(1, func() error { return produce(ctx, src, window, data) }, func() { close(data) })
	start(config.Validator.Workers, func() error { return validator.run(ctx, data, valid, failed) },
		func() { close(valid) }, failing.Done)
	start(config.Transformer.Workers, func() error { return transformer.run(ctx, valid, processed, failed) },
		func() { close(processed) }, failing.Done)
	start(1, func() error { return fanOut(ctx, processed, failed, load, handle, count) },
		func() { close(load); close(handle); close(count) })
	start(1, func() error { return persist(load, newOrder(config), window, processedFile, Status.isProcessed) })
	start(1, func() error { return persist(handle, newOrder(config), window, failedFile, Status.isFailed) })
	start(1, func() error { return collect(count, newOrder(config), window, &totals) })
	all.Wait()
	return totals, context.Cause(ctx)
}
