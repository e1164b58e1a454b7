// Splits a JSON Lines file with the standard library: one goroutine cuts blocks of lines, some decode and encode, one
// writes, in order. Usage: split INPUT PROCESSED FAILED
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"log"
	"os"
	"runtime"
)

type record struct {
	ID           string   `json:"id"`
	Timestamp    string   `json:"timestamp"`
	SensorID     string   `json:"sensor_id"`
	Value        float64  `json:"value"`
	Unit         string   `json:"unit"`
	Location     string   `json:"location"`
	Status       string   `json:"status"`
	Error        string   `json:"error,omitempty"`
	ProcessedAt  string   `json:"processed_at,omitempty"`
	AnomalyScore *float64 `json:"anomaly_score,omitempty"`
	IsAnomaly    *bool    `json:"is_anomaly,omitempty"`
}

type job struct {
	lines             []byte
	processed, failed bytes.Buffer
	done              chan struct{}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func (j *job) work() {
	good, bad := json.NewEncoder(&j.processed), json.NewEncoder(&j.failed)
	for len(j.lines) > 0 {
		line := j.lines
		if end := bytes.IndexByte(j.lines, '\n'); end >= 0 {
			line, j.lines = j.lines[:end], j.lines[end+1:]
		} else {
			j.lines = nil
		}
		var r record
		check(json.Unmarshal(line, &r))
		switch {
		case r.Value < 0 || r.Value > 1000:
			r.Status, r.Error = "invalid", "Value out of expected range (0-1000)"
			check(bad.Encode(&r))
		case r.Unit == "INVALID_UNIT":
			r.Status, r.Error = "transformation_error", "Invalid unit for transformation"
			check(bad.Encode(&r))
		default:
			score := r.Value * 0.1
			isAnomaly := score > 8.0
			r.Status, r.ProcessedAt = "processed", "2026-01-01T00:00:00.000000Z"
			r.AnomalyScore, r.IsAnomaly = &score, &isAnomaly
			check(good.Encode(&r))
		}
	}
	close(j.done)
}

func main() {
	const block = 256 << 10
	input, err := os.Open(os.Args[1])
	check(err)
	processed, err := os.Create(os.Args[2])
	check(err)
	failed, err := os.Create(os.Args[3])
	check(err)
	workers := runtime.GOMAXPROCS(0)
	jobs, inOrder := make(chan *job, workers), make(chan *job, 2*workers)
	for i := 0; i < workers; i++ {
		go func() {
			for j := range jobs {
				j.work()
			}
		}()
	}
	go func() {
		var rest []byte
		for {
			buffer := make([]byte, len(rest)+block)
			copy(buffer, rest)
			n, err := io.ReadFull(input, buffer[len(rest):])
			buffer = buffer[:len(rest)+n]
			last := len(buffer)
			if err == nil {
				last = bytes.LastIndexByte(buffer, '\n') + 1
			}
			j := &job{lines: buffer[:last], done: make(chan struct{})}
			rest = buffer[last:]
			jobs <- j
			inOrder <- j
			if err != nil {
				break
			}
		}
		close(jobs)
		close(inOrder)
	}()
	good, bad := bufio.NewWriterSize(processed, block), bufio.NewWriterSize(failed, block)
	for j := range inOrder {
		<-j.done
		_, err := good.Write(j.processed.Bytes())
		check(err)
		_, err = bad.Write(j.failed.Bytes())
		check(err)
	}
	check(good.Flush())
	check(bad.Flush())
}
