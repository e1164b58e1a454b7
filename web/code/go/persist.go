package main

import (
	"bufio"
	"io"
)

// code: start loader, error_handler

// persist is the Loader or the Error Handler: it writes the records that
// are its own to a file.
func persist(
	finished <-chan *Finished, order *order, window window,
	file io.Writer, isOwn func(Status) bool,
) error {
	out := bufio.NewWriter(file)
	for f := range finished { // event: depart
		for _, f := range order.push(f) { // event: work_start
			if isOwn(f.Status) {
				if _, err := out.Write(f.Line); err != nil { // event: written
					return err
				}
			}
			window.release(f) // event: work_end
		}
	}
	return out.Flush()
}

// code: end
