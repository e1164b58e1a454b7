package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// timeFormat is RFC 3339 in UTC with microseconds.
const timeFormat = "2006-01-02T15:04:05.000000Z"

// lineReader reads JSON Lines: one record a line. Blank lines are skipped, but count.
type lineReader struct {
	in     *bufio.Reader
	number uint64
	line   int
}

func (l *lineReader) next() (*Record, error) {
	for {
		line, err := l.in.ReadBytes('\n')
		if err != nil && (err != io.EOF || len(line) == 0) {
			return nil, err
		}
		l.line++
		line = bytes.TrimPrefix(bytes.TrimRight(line, "\r\n"), []byte("\ufeff"))
		if len(bytes.Trim(line, " \t\r")) == 0 {
			continue
		}
		r := &Record{Number: l.number, Line: l.line, Raw: line}
		l.number++
		return r, nil
	}
}

// The names of what the pipeline writes itself.
var outcomeFields = []string{"status", "error", "processed_at", "anomaly_score", "is_anomaly"}

// parse reads the fields of a record from its line.
func parse(r *Record) error {
	r.Value = math.NaN()
	if start := bytes.TrimLeft(r.Raw, " \t\r"); start[0] != '{' {
		column := len(r.Raw) - len(start) + 1
		return fmt.Errorf("line %d, column %d: expected a JSON object, which begins with `{`", r.Line, column)
	}
	if !utf8.Valid(r.Raw) {
		return fmt.Errorf("line %d: not UTF-8", r.Line)
	}
	if err := r.parseObject(json.NewDecoder(bytes.NewReader(r.Raw))); err != nil {
		return fmt.Errorf("line %d: %w", r.Line, err)
	}
	r.separateNames()
	return nil
}

func (r *Record) parseObject(decoder *json.Decoder) error {
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		before := decoder.InputOffset()
		token, err := decoder.Token()
		if err != nil {
			return err
		}
		// The name as it was written, with its escapes.
		written := bytes.TrimLeft(r.Raw[before:decoder.InputOffset()], " \t\r,")
		var text json.RawMessage
		if err := decoder.Decode(&text); err != nil {
			return err
		}
		name, _ := token.(string)
		if field := slices.Index(fieldNames[:], name); field >= 0 {
			err = r.set(field, text)
		} else {
			r.addUnknown(name, written, text)
		}
		if err != nil {
			return err
		}
	}
	if _, err := decoder.Token(); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("text after the object")
	}
	return nil
}

// set sets a known field.
func (r *Record) set(field int, text []byte) error {
	switch {
	case r.Fields[field] != nil:
		return fmt.Errorf("`%s` is there twice", fieldNames[field])
	case string(text) == "null":
		return nil
	case field != value && text[0] != '"':
		return fmt.Errorf("`%s` must be a string", fieldNames[field])
	case field == value:
		number, err := strconv.ParseFloat(string(text), 64)
		if err != nil {
			return fmt.Errorf("`value`: %s is not a 64-bit float", text)
		}
		r.Value = number
	}
	r.Fields[field] = text
	return nil
}

// addUnknown keeps another field, unless it has the name of an outcome and says nothing. With something to say, it is
// kept under another name.
func (r *Record) addUnknown(name string, written, text []byte) {
	if slices.Contains(outcomeFields, name) {
		if string(text) == "null" || name == "status" && string(text) == `"raw"` {
			return
		}
		written = quote("input_" + name)
	}
	r.Unknown = append(r.Unknown, Member{written, text})
}

// separateNames gives the second of two unknown fields another name.
func (r *Record) separateNames() {
	taken := map[string]bool{}
	for _, member := range r.Unknown {
		taken[unquote(member.Name)] = true
	}
	used := map[string]bool{}
	for i, member := range r.Unknown {
		name := unquote(member.Name)
		if used[name] {
			for n := 2; taken[name]; n++ {
				name = fmt.Sprintf("%s_%d", unquote(member.Name), n)
			}
			r.Unknown[i].Name = quote(name)
			taken[name] = true
		}
		used[name] = true
	}
}

// processedLine returns the line of a processed record.
func processedLine(r *Record, now time.Time, score float64, isAnomaly bool) []byte {
	o := object{'{'}
	o.known(r)
	o.add(`"status"`, quote(string(Processed)))
	o.add(`"processed_at"`, quote(now.Format(timeFormat)))
	o.add(`"anomaly_score"`, number64(score))
	o.add(`"is_anomaly"`, strconv.AppendBool(nil, isAnomaly))
	return o.end(r)
}

// failedLine returns the line of a record that a rule rejected.
func failedLine(r *Record, status Status, reason string) []byte {
	o := object{'{'}
	o.known(r)
	if r.Line > 0 {
		name := `"line"`
		if slices.ContainsFunc(r.Unknown, func(m Member) bool { return unquote(m.Name) == "line" }) {
			name = `"input_line"`
		}
		o.add(name, strconv.AppendInt(nil, int64(r.Line), 10))
	}
	o.add(`"status"`, quote(string(status)))
	o.add(`"error"`, quote(reason))
	return o.end(r)
}

// unparsed returns the line of a record that is not one, with its text.
func unparsed(r *Record, reason string) []byte {
	o := object{'{'}
	o.add(`"line"`, strconv.AppendInt(nil, int64(r.Line), 10))
	o.add(`"status"`, quote(string(Invalid)))
	o.add(`"error"`, quote(reason))
	o.add(`"raw"`, quote(strings.ToValidUTF8(string(r.Raw), "\ufffd")))
	return append(o, "}\n"...)
}

// object is a JSON object that is being written.
type object []byte

func (o *object) known(r *Record) {
	for field, text := range r.Fields {
		if text != nil {
			o.add(`"`+fieldNames[field]+`"`, text)
		}
	}
}

func (o *object) end(r *Record) []byte {
	for _, member := range r.Unknown {
		o.add(string(member.Name), member.Value)
	}
	return append(*o, "}\n"...)
}

// add writes a member: its name in quotes, and its value as JSON.
func (o *object) add(name string, value []byte) {
	if len(*o) > 1 {
		*o = append(*o, ',')
	}
	*o = append(*o, name...)
	*o = append(*o, ':')
	*o = append(*o, value...)
}

// quote returns a text as a JSON string: nothing is escaped that need not be.
func quote(text string) []byte {
	out := append(make([]byte, 0, len(text)+2), '"')
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case b == '"' || b == '\\':
			out = append(out, '\\', b)
		case b == '\n':
			out = append(out, `\n`...)
		case b == '\r':
			out = append(out, `\r`...)
		case b == '\t':
			out = append(out, `\t`...)
		case b < 0x20:
			out = fmt.Appendf(out, `\u%04x`, b)
		default:
			out = append(out, b)
		}
	}
	return append(out, '"')
}

// unquote returns the text of a JSON string; an empty one of none.
func unquote(text []byte) string {
	if bytes.IndexByte(text, '\\') < 0 {
		return strings.Trim(string(text), `"`)
	}
	var s string
	if json.Unmarshal(text, &s) != nil {
		return ""
	}
	return s
}

// number64 writes a number as the shortest decimal that reads back the same, as Clearpipe does: with a point, and with
// an exponent below 10⁻⁵ and from 10¹⁶ on.
func number64(v float64) []byte {
	scientific := strconv.AppendFloat(nil, v, 'e', -1, 64)
	digits, exponent, _ := strings.Cut(string(scientific), "e")
	e, _ := strconv.Atoi(exponent)
	if e < -5 || e >= 16 {
		sign := ""
		if e > 0 {
			sign = "+"
		}
		return fmt.Appendf(nil, "%se%s%d", digits, sign, e)
	}
	plain := decimal(v)
	if !strings.Contains(plain, ".") {
		plain += ".0"
	}
	return []byte(plain)
}

// decimal writes a number without an exponent.
func decimal(v float64) string {
	return strconv.FormatFloat(v, 'f', -1, 64)
}
