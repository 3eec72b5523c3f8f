package main

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Integers of records: what every language can hold (§1).
const integerMax = 1<<53 - 1

const recordBytesMax = 65535

// recordDepthMax is how deep a record may nest, itself included (§1).
const recordDepthMax = 16

// reader reads JSON of the strict kind of §1 from hostile bytes. It panics with a malformed.
type reader struct {
	b     []byte
	i     int
	depth int
	// What the text of a record may not hold although it is JSON (1); nil where it is malformed (2).
	odd *string
	// How many values may still come; nil where they are not counted.
	left *int
}

// counted counts a comma or an opening bracket.
func (r *reader) counted() {
	if r.left == nil {
		return
	}
	if *r.left--; *r.left < 0 {
		r.fail("too many values for its length")
	}
}

// malformed says why and where a text is not what it must be.
type malformed struct {
	code int
	why  string
	at   int
}

func (r *reader) fail(why string) {
	panic(malformed{2, why, r.i})
}

// oddity fails, or in a record waits until all of it is known to be JSON.
func (r *reader) oddity(why string) {
	if r.odd == nil {
		r.fail(why)
	}
	*r.odd = why
}

func (r *reader) space() {
	for r.i < len(r.b) && bytes.IndexByte([]byte(" \t\n\r"), r.b[r.i]) >= 0 {
		r.i++
	}
}

func (r *reader) peek() byte {
	r.space()
	if r.i == len(r.b) {
		r.fail("the text ends too early")
	}
	return r.b[r.i]
}

func (r *reader) take(want byte) {
	if r.peek() != want {
		r.fail("expected " + string(want))
	}
	r.i++
}

func (r *reader) takes(want byte) bool {
	if r.peek() != want {
		return false
	}
	r.i++
	return true
}

func (r *reader) end() {
	r.space()
	if r.i != len(r.b) {
		r.fail("something follows the JSON")
	}
}

// object reads an object; member reads the value of one key.
func (r *reader) object(member func(key string)) {
	r.take('{')
	r.counted()
	var first string
	var seen map[string]bool
	for more, n := !r.takes('}'), 0; more; more, n = r.more('}'), n+1 {
		key := r.string()
		if n == 0 {
			first = key // A map for each of a million small objects would cost seconds.
		} else if n == 1 {
			seen = map[string]bool{first: true}
		}
		if seen[key] {
			r.fail("a key that is there twice")
		}
		if n > 0 {
			seen[key] = true
		}
		r.take(':')
		member(key)
	}
}

func (r *reader) array(element func()) {
	r.take('[')
	r.counted()
	for more := !r.takes(']'); more; more = r.more(']') {
		element()
	}
}

func (r *reader) more(end byte) bool {
	if r.takes(end) {
		return false
	}
	r.take(',')
	r.counted()
	return true
}

func (r *reader) literal(word string) bool {
	r.peek()
	if !bytes.HasPrefix(r.b[r.i:], []byte(word)) {
		return false
	}
	r.i += len(word)
	return true
}

// integer reads a decimal without leading zeros, fraction, exponent or -0.
func (r *reader) integer() int64 {
	isNegative := r.takes('-')
	start := r.i
	for r.i < len(r.b) && r.b[r.i] >= '0' && r.b[r.i] <= '9' {
		r.i++
	}
	digits := string(r.b[start:r.i])
	if digits == "" || digits[0] == '0' && (len(digits) > 1 || isNegative) {
		r.fail("not an integer")
	}
	if r.i < len(r.b) && bytes.IndexByte([]byte(".eE"), r.b[r.i]) >= 0 {
		r.fail("a fraction or an exponent")
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > integerMax {
		r.oddity("an integer that is too large")
	}
	if isNegative {
		return -n
	}
	return n
}

// count reads an integer that is not negative.
func (r *reader) count() int64 {
	n := r.integer()
	if n < 0 {
		r.fail("a negative number")
	}
	return n
}

func (r *reader) string() string {
	r.take('"')
	var out []byte
	for {
		if r.i == len(r.b) {
			r.fail("a string without end")
		}
		switch c := r.b[r.i]; {
		case c == '"':
			r.i++
			return string(out)
		case c < 0x20:
			r.fail("a control character in a string")
		case c == '\\':
			r.i++
			out = r.escape(out)
		case c < utf8.RuneSelf:
			out = append(out, c)
			r.i++
		default:
			letter, size := utf8.DecodeRune(r.b[r.i:])
			if letter == utf8.RuneError && size == 1 {
				r.fail("no UTF-8")
			}
			out = append(out, r.b[r.i:r.i+size]...)
			r.i += size
		}
	}
}

const (
	escapes = `"\/bfnrt`
	escaped = "\"\\/\b\f\n\r\t"
)

func (r *reader) escape(out []byte) []byte {
	if r.i == len(r.b) {
		r.fail("a string without end")
	}
	c := r.b[r.i]
	r.i++
	if at := bytes.IndexByte([]byte(escapes), c); at >= 0 {
		return append(out, escaped[at])
	}
	if c != 'u' {
		r.fail("an unknown escape")
	}
	unit := r.hex4()
	if utf16.IsSurrogate(unit) && bytes.HasPrefix(r.b[r.i:], []byte(`\u`)) {
		next := *r
		next.i += 2
		if both := utf16.DecodeRune(unit, next.hex4()); both != utf8.RuneError {
			r.i = next.i
			return utf8.AppendRune(out, both)
		}
	}
	if utf16.IsSurrogate(unit) {
		r.oddity("half a surrogate pair")
		return append(out, 0xe0|byte(unit>>12), 0x80|byte(unit>>6)&0x3f, 0x80|byte(unit)&0x3f)
	}
	return utf8.AppendRune(out, unit)
}

func (r *reader) hex4() rune {
	if r.i+4 > len(r.b) {
		r.fail("a string without end")
	}
	n, err := strconv.ParseUint(string(r.b[r.i:r.i+4]), 16, 16)
	if err != nil {
		r.fail("an unknown escape")
	}
	r.i += 4
	return rune(n)
}

// value reads any JSON: nil, bool, int64, string, []any or *object.
func (r *reader) value() any {
	switch c := r.peek(); {
	case c == '{' || c == '[':
		if r.depth++; r.depth > recordDepthMax {
			panic(malformed{1, "nested too deep", r.i})
		}
		defer func() { r.depth-- }()
		if c == '[' {
			list := []any{}
			r.array(func() { list = append(list, r.value()) })
			return list
		}
		o := &object{values: map[string]any{}}
		r.object(func(key string) {
			isOdd := func(c rune) bool { return c > 0x7f }
			if key == "__proto__" || strings.ContainsFunc(key, isOdd) {
				r.oddity("a key that is not allowed")
			}
			o.keys = append(o.keys, key)
			o.values[key] = r.value()
		})
		return o
	case c == '"':
		return r.string()
	case r.literal("true"):
		return true
	case r.literal("false"):
		return false
	case r.literal("null"):
		return nil
	}
	return r.integer()
}

func caught(wrong **malformed) {
	if found := recover(); found != nil {
		one := found.(malformed)
		*wrong = &one
	}
}
