package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Config has those settings of Clearpipe that this program has, under the same names and with the same defaults.
type Config struct {
	Records     uint64
	Seed        uint64
	Clock       string
	Generator   Generator
	Workers     int
	Validator   ValidatorRules
	Transformer TransformerRules
	Channels    Channels
	Ordered     bool
	Window      int
	now         func() time.Time
}

// Generator says what is generated.
type Generator struct {
	Sensors      uint64
	Locations    []string
	Unit         string
	ValueMin     float64   `json:"value_min"`
	ValueMax     float64   `json:"value_max"`
	InvalidValue injection `json:"invalid_value"`
	InvalidUnit  injection `json:"invalid_unit"`
}

// ValidatorRules say which records are valid.
type ValidatorRules struct {
	Workers    int
	ValueMin   float64 `json:"value_min"`
	ValueMax   float64 `json:"value_max"`
	Required   []string
	isRequired [fieldCount]bool
}

// TransformerRules say how valid records are transformed.
type TransformerRules struct {
	Workers      int
	Multiplier   float64
	Threshold    float64
	InvalidUnits []string `json:"invalid_units"`
	ValidUnits   []string `json:"valid_units"`
}

// Channels has the capacity of each channel, in records; 0 stands for that of all.
type Channels struct {
	Capacity, Data, Valid, Processed, Error, Loader, Metrics int
	ErrorHandler                                             int `json:"error_handler"`
}

func defaults() *Config {
	return &Config{
		Records: 50,
		Seed:    1,
		Clock:   "system",
		Generator: Generator{
			Sensors:      5,
			Locations:    []string{"North", "South", "East", "West", "Center"},
			Unit:         "unit_A",
			ValueMax:     100,
			InvalidValue: injection{every: 10},
			InvalidUnit:  injection{every: 11},
		},
		Workers:     3,
		Validator:   ValidatorRules{ValueMax: 1000, Required: slices.Clone(fieldNames[:])},
		Transformer: TransformerRules{Multiplier: 0.1, Threshold: 8, InvalidUnits: []string{"INVALID_UNIT"}},
		Channels:    Channels{Capacity: 100},
		Ordered:     true,
	}
}

// readConfig reads the settings from a file; the defaults without one.
func readConfig(file string) (*Config, error) {
	if file == "" {
		return parseConfig([]byte("{}"))
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	config, err := parseConfig(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return config, nil
}

func parseConfig(text []byte) (*Config, error) {
	config := defaults()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(config); err != nil {
		return nil, err
	}
	return config, config.complete()
}

// complete derives what isn't set, and checks the rest. It reports every problem.
func (c *Config) complete() error {
	var problems []error
	complain := func(format string, values ...any) { problems = append(problems, fmt.Errorf(format, values...)) }

	for _, workers := range []*int{&c.Validator.Workers, &c.Transformer.Workers} {
		if *workers == 0 {
			*workers = c.Workers
		}
		if *workers < 1 {
			complain("the number of workers must be at least 1, not %d", *workers)
		}
	}
	ch := &c.Channels
	room := 0
	for _, capacity := range []*int{
		&ch.Data, &ch.Valid, &ch.Processed, &ch.Error, &ch.Loader, &ch.ErrorHandler, &ch.Metrics,
	} {
		if *capacity == 0 {
			*capacity = ch.Capacity
		}
		if *capacity < 1 {
			complain("the capacity of a channel must be at least 1, not %d", *capacity)
		}
		room += *capacity
	}
	if c.Window == 0 {
		c.Window = max(1, room+c.Validator.Workers+c.Transformer.Workers)
	}
	if c.Window < 1 {
		complain("`window` must be at least 1, not %d", c.Window)
	}
	if c.Generator.Sensors == 0 || len(c.Generator.Locations) == 0 {
		complain("the generator needs a sensor and a location")
	}
	for _, name := range c.Validator.Required {
		field := slices.Index(fieldNames[:], name)
		if field < 0 {
			complain("`validator.required`: there is no field %q", name)
			continue
		}
		c.Validator.isRequired[field] = true
	}
	if err := c.setClock(); err != nil {
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

func (c *Config) setClock() error {
	c.now = func() time.Time { return time.Now().UTC() }
	text, isFixed := strings.CutPrefix(c.Clock, "fixed:")
	if c.Clock == "system" {
		return nil
	}
	fixed, err := time.Parse(time.RFC3339Nano, strings.ToUpper(text))
	if !isFixed || err != nil {
		return fmt.Errorf("`clock` is %q, neither `system` nor `fixed:` with an RFC 3339 time", c.Clock)
	}
	c.now = fixed.UTC
	return nil
}

// injection says which records get a fault: every Nth one, a share of them, or none.
type injection struct {
	every uint64
	share float64
}

func (i *injection) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	*i = injection{}
	var err error
	if n, ok := strings.CutPrefix(s, "every "); ok {
		i.every, err = strconv.ParseUint(n, 10, 64)
		if err == nil && i.every == 0 {
			err = errors.New("0 is too small")
		}
	} else if percent, ok := strings.CutSuffix(s, "%"); ok {
		i.share, err = strconv.ParseFloat(percent, 64)
		i.share /= 100
	} else if s != "off" {
		err = errors.New("expected `every N`, a share such as `5%`, or `off`")
	}
	if err != nil {
		return fmt.Errorf("%q: %w", s, err)
	}
	return nil
}

func (i injection) hits(seed, purpose, record uint64) bool {
	if i.every > 0 {
		return record%i.every == 0
	}
	return fraction(random(seed, purpose, record)) < i.share
}
