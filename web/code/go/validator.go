package main

import (
	"context"
	"fmt"
	"strings"
)

// Validator checks records.
type Validator struct {
	rules      ValidatorRules
	outOfRange string
}

func newValidator(config *Config) *Validator {
	rules := config.Validator
	low, high := decimal(rules.ValueMin), decimal(rules.ValueMax)
	return &Validator{rules, fmt.Sprintf("Value out of expected range (%s-%s)", low, high)}
}

// code: start validator

// run is one Validator: it sends valid records on, and the others to
// the consumers.
func (v *Validator) run(
	ctx context.Context, data <-chan *Record,
	valid chan<- *Record, failed chan<- *Finished,
) error {
	for record := range data { // event: depart
		rejected := v.check(record) // event: work_start
		if rejected != nil {
			select {
			case failed <- rejected: // event: invalid, send@errorCh
			case <-ctx.Done():
				return ctx.Err()
			}
			continue
		}
		select {
		case valid <- record: // event: valid, send
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// code: end

// check parses a record, if it was read, and applies the rules. Returns nil if it is valid.
func (v *Validator) check(r *Record) *Finished {
	if r.Raw != nil {
		if err := parse(r); err != nil {
			return finish(r, Invalid, unparsed(r, err.Error()))
		}
	}
	if r.Value < v.rules.ValueMin || r.Value > v.rules.ValueMax {
		return finish(r, Invalid, failedLine(r, Invalid, v.outOfRange))
	}
	missing := v.missing(r)
	if len(missing) == 0 {
		return nil
	}
	reason := fmt.Sprintf("required field %s is missing", missing[0])
	if len(missing) > 1 {
		reason = "required fields are missing: " + strings.Join(missing, ", ")
	}
	if r.Raw == nil {
		return finish(r, Invalid, failedLine(r, Invalid, reason))
	}
	return finish(r, Invalid, unparsed(r, fmt.Sprintf("line %d: %s", r.Line, reason)))
}

// missing returns the names of the required fields that a record lacks, or that are blank.
func (v *Validator) missing(r *Record) []string {
	var names []string
	for field, name := range fieldNames {
		text := r.Fields[field]
		isBlank := text == nil || field != value && strings.TrimSpace(unquote(text)) == ""
		if isBlank && v.rules.isRequired[field] {
			names = append(names, "`"+name+"`")
		}
	}
	return names
}
