// Command clearpipe is the pipeline of Clearpipe as a Go programmer would write it: goroutines, channels, select, and
// nothing but the standard library. It generates the records of the reference run, or reads JSON Lines, and writes the
// same two files as Clearpipe, byte for byte.
//
//	go run . [-config FILE] [-input FILE] [-out FOLDER]
//
// The stages are one file each, and the page shows them beside those in Rust: comments that begin with "code:" and
// "event:" say which lines, as CONTRIBUTING.md describes.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

func main() {
	configFile := flag.String("config", "", "the `FILE` with the settings, as JSON; those of Clearpipe that this program has")
	input := flag.String("input", "", "the `FILE` of JSON Lines to read; records are generated without it")
	out := flag.String("out", ".", "the `FOLDER` for processed_data.jsonl and failed_data.jsonl")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "clearpipe: unexpected argument %q\n", flag.Arg(0))
		os.Exit(2)
	}
	config, err := readConfig(*configFile)
	if err != nil {
		fmt.Fprintln(os.Stderr, "clearpipe:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	totals, err := runFiles(ctx, config, *input, *out)
	if err != nil {
		fmt.Fprintln(os.Stderr, "clearpipe:", err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stderr, totals)
}

// runFiles runs the pipeline from the file named input, or from the generator, into the two files in a folder.
func runFiles(ctx context.Context, config *Config, input, folder string) (totals Totals, err error) {
	src := source(newGenerator(config))
	if input != "" {
		file, err := os.Open(input)
		if err != nil {
			return Totals{}, err
		}
		defer file.Close()
		src = &lineReader{in: bufio.NewReader(file)}
	}
	var files [2]*os.File
	for i, name := range []string{"processed_data.jsonl", "failed_data.jsonl"} {
		file, err := os.Create(filepath.Join(folder, name))
		if err != nil {
			return Totals{}, err
		}
		// What is closed once more says so, which does not matter.
		defer file.Close()
		files[i] = file
	}
	totals, err = run(ctx, config, src, files[0], files[1])
	for _, file := range files {
		if closing := file.Close(); err == nil {
			err = closing
		}
	}
	return totals, err
}
