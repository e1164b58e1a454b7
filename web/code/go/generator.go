package main

import (
	"fmt"
	"io"
	"strconv"
	"time"
)

// generator makes the records of the specification. Each follows only from the seed and its number.
type generator struct {
	rules   Generator
	records uint64
	seed    uint64
	now     func() time.Time
	number  uint64
}

// What a random number decides about a record.
const (
	forValue = iota + 1
	forInvalidValue
	forInvalidUnit
)

func newGenerator(config *Config) *generator {
	return &generator{rules: config.Generator, records: config.Records, seed: config.Seed, now: config.now}
}

func (g *generator) next() (*Record, error) {
	if g.number == g.records {
		return nil, io.EOF
	}
	number := g.number
	g.number++
	// The conversion rounds the product. Without it, some processors would multiply and add in one step.
	width := g.rules.ValueMax - g.rules.ValueMin
	v := g.rules.ValueMin + float64(fraction(random(g.seed, forValue, number))*width)
	if v >= g.rules.ValueMax {
		// Rounding may reach the upper end, which isn't one of the values.
		v = g.rules.ValueMin
	}
	if g.rules.InvalidValue.hits(g.seed, forInvalidValue, number) {
		v = -1
	}
	u := g.rules.Unit
	if g.rules.InvalidUnit.hits(g.seed, forInvalidUnit, number) {
		u = "INVALID_UNIT"
	}
	r := &Record{Number: number, Value: v}
	r.Fields[id] = quote(fmt.Sprintf("rec-%04d", number))
	r.Fields[timestamp] = quote(g.now().Format(timeFormat))
	r.Fields[sensorID] = quote("sensor-" + strconv.FormatUint(number%g.rules.Sensors+1, 10))
	r.Fields[value] = number64(v)
	r.Fields[unit] = quote(u)
	r.Fields[location] = quote(g.rules.Locations[number%uint64(len(g.rules.Locations))])
	return r, nil
}

// random returns the random number of a record for a purpose: SplitMix64 (Steele, Lea, Flood: "Fast splittable
// pseudorandom number generators", OOPSLA 2014), as in crates/model/src/random.rs.
func random(seed, purpose, record uint64) uint64 {
	return mix(mix(seed^purpose*0xd134_2543_de82_ef95) + (record+1)*0x9e37_79b9_7f4a_7c15)
}

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58_476d_1ce4_e5b9
	z = (z ^ z>>27) * 0x94d0_49bb_1331_11eb
	return z ^ z>>31
}

// fraction is uniform in [0, 1).
func fraction(random uint64) float64 {
	return float64(random>>11) / (1 << 53)
}
