// The pipeline of the specification in Go, as its first version was, without its pauses and log lines: channels of 100
// records, three Validators, three Transformers, a fan-out that gives all records to three consumers. Each line is
// written by itself, or with "buffered" behind the files collected. Usage: reference RECORDS PROCESSED FAILED [buffered]
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"math/rand"
	"os"
	"strconv"
	"sync"
	"time"
)

const (
	capacity = 100
	workers  = 3
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

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func produce(count int, data chan<- record) {
	locations := []string{"North", "South", "East", "West", "Center"}
	for i := 0; i < count; i++ {
		r := record{
			ID:        fmt.Sprintf("rec-%04d", i),
			Timestamp: time.Now().Format(time.RFC3339),
			SensorID:  "sensor-" + strconv.Itoa(i%5+1),
			Value:     rand.Float64() * 100,
			Unit:      "unit_A",
			Location:  locations[i%5],
			Status:    "raw",
		}
		if i%10 == 0 {
			r.Value = -1
		}
		if i%11 == 0 {
			r.Unit = "INVALID_UNIT"
		}
		data <- r
	}
	close(data)
}

func validate(data <-chan record, valid, errors chan<- record) {
	for r := range data {
		if r.Value < 0 || r.Value > 1000 {
			r.Status, r.Error = "invalid", "Value out of expected range (0-1000)"
			errors <- r
		} else {
			valid <- r
		}
	}
}

func transform(valid <-chan record, processed, errors chan<- record) {
	for r := range valid {
		if r.Unit == "INVALID_UNIT" {
			r.Status, r.Error = "transformation_error", "Invalid unit for transformation"
			errors <- r
			continue
		}
		score := r.Value * 0.1
		isAnomaly := score > 8.0
		r.Status, r.ProcessedAt = "processed", time.Now().Format(time.RFC3339)
		r.AnomalyScore, r.IsAnomaly = &score, &isAnomaly
		processed <- r
	}
}

func persist(records <-chan record, path string, isMine func(*record) bool) {
	file, err := os.Create(path)
	check(err)
	out := bufio.NewWriter(file)
	encoder := json.NewEncoder(file)
	if len(os.Args) > 4 {
		encoder = json.NewEncoder(out)
	}
	for r := range records {
		if isMine(&r) {
			check(encoder.Encode(&r))
		}
	}
	check(out.Flush())
	check(file.Close())
}

func main() {
	count, err := strconv.Atoi(os.Args[1])
	check(err)
	data, valid := make(chan record, capacity), make(chan record, capacity)
	processed, errors := make(chan record, capacity), make(chan record, capacity)
	consumers := [3]chan record{}
	for i := range consumers {
		consumers[i] = make(chan record, capacity)
	}
	var validators, transformers, merging, consuming sync.WaitGroup
	start := func(group *sync.WaitGroup, work func()) {
		group.Add(1)
		go func() {
			defer group.Done()
			work()
		}()
	}
	go produce(count, data)
	for i := 0; i < workers; i++ {
		start(&validators, func() { validate(data, valid, errors) })
		start(&transformers, func() { transform(valid, processed, errors) })
	}
	go func() {
		validators.Wait()
		close(valid)
		transformers.Wait()
		close(processed)
		close(errors)
	}()
	for _, stream := range []<-chan record{processed, errors} {
		stream := stream
		start(&merging, func() {
			for r := range stream {
				for _, consumer := range consumers {
					consumer <- r
				}
			}
		})
	}
	go func() {
		merging.Wait()
		for _, consumer := range consumers {
			close(consumer)
		}
	}()
	start(&consuming, func() {
		persist(consumers[0], os.Args[2], func(r *record) bool { return r.Status == "processed" })
	})
	start(&consuming, func() {
		persist(consumers[1], os.Args[3], func(r *record) bool { return r.Status != "processed" })
	})
	total, failed, anomalies, sum := 0, 0, 0, 0.0
	start(&consuming, func() {
		for r := range consumers[2] {
			if r.Status != "processed" {
				failed++
				continue
			}
			total++
			sum += r.Value
			if *r.IsAnomaly {
				anomalies++
			}
		}
	})
	consuming.Wait()
	fmt.Println(total, failed, anomalies, sum)
}
