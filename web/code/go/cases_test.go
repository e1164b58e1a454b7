package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// folder has the cases that all engines of Clearpipe are held to; its README describes them.
const folder = "../../../tests/cases"

// cases are those that this program passes, byte for byte.
var cases = []string{
	// Generated records.
	"anomaly-rules", "capacities-differ", "capacity-1", "clock-before-1970", "clock-with-offset",
	"generator-blank-location", "generator-names", "ids-of-five-digits", "injection-all-units",
	"injection-all-values", "injection-off", "injection-share", "million-records", "no-records", "one-record",
	"one-sensor-one-location", "reference-run", "seed-2", "seed-large", "units-with-spaces-generated", "unordered",
	"value-range", "value-range-empty", "value-range-tiny", "window-1", "window-small",
	// JSON Lines.
	"jsonl-blank-strings", "jsonl-deep-nesting", "jsonl-empty", "jsonl-escaped-keys", "jsonl-escapes",
	"jsonl-line-ends", "jsonl-many-lines", "jsonl-missing-fields", "jsonl-only-blank-lines", "jsonl-only-bom",
	"jsonl-outcome-fields-replaced", "jsonl-plain", "jsonl-same-names", "jsonl-shapes-in-turn",
	"jsonl-unknown-fields", "required-subset", "score-overflow", "score-threshold", "sniff-empty", "sniff-jsonl",
	"sum-beyond-64-bits", "sum-is-exact", "units", "units-all-valid", "units-with-spaces", "value-limits",
}

// leftOut are the other cases, each by its name or by the beginning of the names of several, and why they are.
var leftOut = []struct{ why, cases string }{
	{"it has no locks, no queues for each worker and no tries", "locks queues- tries-"},
	{"it reads JSON Lines in UTF-8 and nothing else",
		"compressed- csv- encoding- error- format-given inputs- json- jsonl-cr-only sniff-csv sniff-sep-line sniff-tsv tsv"},
	{"what is wrong with a line that is not JSON is said in other words: the parser is that of Go",
		"jsonl-arrays jsonl-bad- jsonl-cr-in-lines jsonl-field-twice jsonl-first-line-damaged jsonl-invalid-utf8 " +
			"jsonl-numbers jsonl-then-pretty jsonl-wrong-types required-none"},
	{"it does not recognise records that it wrote before, nor give their fields other names by a setting",
		"jsonl-own- jsonl-rename-prefix reread-"},
	{"it has no limit of the length of lines", "jsonl-too-long"},
	{"it has no rule for timestamps", "rfc3339-"},
	{"it sends each record alone", "batch-"},
	{"a panic ends it, as is usual in Go", "panics-"},
	{"it has no service times and no simulated clock", "service-distributions service-times virtual-clock virtual-clock-"},
}

// isLeftOut returns whether leftOut has a case.
func isLeftOut(name string) bool {
	for _, left := range leftOut {
		for _, beginning := range strings.Fields(left.cases) {
			if name == beginning || strings.HasPrefix(name, beginning) && strings.HasSuffix(beginning, "-") {
				return true
			}
		}
	}
	return false
}

// Case is what case.json says.
type Case struct {
	Config json.RawMessage
	Large  bool
}

func TestEveryCaseIsPassedOrLeftOut(t *testing.T) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := entry.Name(); entry.IsDir() && slices.Contains(cases, name) == isLeftOut(name) {
			t.Errorf("%s is in both lists or in none", name)
		}
	}
}

func TestTheFilesAreThoseOfTheCases(t *testing.T) {
	for _, name := range cases {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(folder, name)
			config := configOf(t, path)
			out := t.TempDir()
			if _, err := runFiles(context.Background(), config, inputOf(t, path), out); err != nil {
				t.Fatal(err)
			}
			for _, file := range []string{"processed", "failed"} {
				found, err := os.ReadFile(filepath.Join(out, file+"_data.jsonl"))
				if err != nil {
					t.Fatal(err)
				}
				compare(t, path, file, found, config.Ordered)
			}
		})
	}
}

func configOf(t *testing.T, path string) *Config {
	text, err := os.ReadFile(filepath.Join(path, "case.json"))
	if err != nil {
		t.Fatal(err)
	}
	var c Case
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	if c.Large && testing.Short() {
		t.Skip("it takes long")
	}
	config, err := parseConfig(c.Config)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// inputOf returns the input of a case; an empty name if its records are generated.
func inputOf(t *testing.T, path string) string {
	inputs, err := filepath.Glob(filepath.Join(path, "input.*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(inputs) == 0 {
		return ""
	}
	return inputs[0]
}

// compare compares a file with the expected one or, where that is too long to be kept, with its hash.
func compare(t *testing.T, path, file string, found []byte, isOrdered bool) {
	expected, err := os.ReadFile(filepath.Join(path, file+".jsonl"))
	if errors.Is(err, os.ErrNotExist) {
		var hashes map[string]string
		text, err := os.ReadFile(filepath.Join(path, "sha256.json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &hashes); err != nil {
			t.Fatal(err)
		}
		hash := sha256.Sum256(found)
		if hex.EncodeToString(hash[:]) != hashes[file] {
			t.Errorf("%s has another hash", file)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	lines, wanted := bytes.Split(found, []byte("\n")), bytes.Split(expected, []byte("\n"))
	if !isOrdered {
		slices.SortFunc(lines, bytes.Compare)
		slices.SortFunc(wanted, bytes.Compare)
	}
	for i := range max(len(lines), len(wanted)) {
		var line, want []byte
		if i < len(lines) {
			line = lines[i]
		}
		if i < len(wanted) {
			want = wanted[i]
		}
		if !bytes.Equal(line, want) {
			t.Fatalf("%s, line %d:\nfound    %s\nexpected %s", file, i+1, line, want)
		}
	}
}
