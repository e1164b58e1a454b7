package main

import (
	"context"
	"errors"
	"io"
	"testing"
)

var errFull = errors.New("no space left")

// full is a file that has no room for anything.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestARunEndsWithTheFirstErrorOfAStage(t *testing.T) {
	config, err := parseConfig([]byte(`{"records": 100000, "channels": {"capacity": 1}}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, files := range [][2]io.Writer{{full{}, io.Discard}, {io.Discard, full{}}} {
		_, err = run(context.Background(), config, newGenerator(config), files[0], files[1])
		if !errors.Is(err, errFull) {
			t.Errorf("the run ended with %v", err)
		}
	}
}

func TestARunCanBeCancelled(t *testing.T) {
	config, err := parseConfig([]byte(`{"records": 1000000000000}`))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := run(ctx, config, newGenerator(config), io.Discard, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("the run ended with %v", err)
	}
}

func TestAllProblemsOfTheSettingsAreReported(t *testing.T) {
	_, err := parseConfig([]byte(`{"workers": -1, "clock": "noon", "validator": {"required": ["size"]}}`))
	var all interface{ Unwrap() []error }
	if !errors.As(err, &all) || len(all.Unwrap()) != 4 {
		t.Errorf("reported: %v", err)
	}
	if _, err := parseConfig([]byte(`{"batch": 7}`)); err == nil {
		t.Error("a setting that it does not have is accepted")
	}
}
