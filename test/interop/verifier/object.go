package main

import (
	"bytes"
	"slices"
	"strconv"
)

// object is a JSON object in the order of the text, without double keys.
type object struct {
	keys   []string
	values map[string]any
}

func (o *object) get(key string) any {
	if o == nil {
		return nil
	}
	return o.values[key]
}

// text is the member as a string, "" when it is none.
func (o *object) text(key string) string {
	text, _ := o.get(key).(string)
	return text
}

func (o *object) object(key string) *object {
	inner, _ := o.get(key).(*object)
	return inner
}

// count is the member as an integer that is not negative.
func (o *object) count(key string) (int64, bool) {
	n, ok := o.get(key).(int64)
	return n, ok && n >= 0
}

// hash is the member as base64 of 32 bytes.
func (o *object) hash(key string) (hash, bool) {
	return parseHash(o.text(key))
}

// parseObject reads the text of a record, a seal or a head: a canonical object (§1).
func parseObject(text string) (o *object, wrong *malformed) {
	odd := ""
	r := &reader{b: []byte(text), odd: &odd}
	defer caught(&wrong)
	if len(text) > recordBytesMax {
		return nil, &malformed{1, "longer than 65,535 bytes", 0}
	}
	value := r.value()
	r.end()
	o, ok := value.(*object)
	if odd == "" && (!ok || string(canonical(nil, value)) != text) {
		odd = "not an object in its canonical form"
	}
	if odd != "" {
		return nil, &malformed{1, odd, 0}
	}
	return o, nil
}

// canonical appends the bytes of RFC 8785; the keys of records are ASCII, so bytes sort them.
func canonical(out []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(out, "null"...)
	case bool:
		return strconv.AppendBool(out, v)
	case int64:
		return strconv.AppendInt(out, v, 10)
	case string:
		return canonicalString(out, v)
	case []any:
		out = append(out, '[')
		for i, element := range v {
			if i > 0 {
				out = append(out, ',')
			}
			out = canonical(out, element)
		}
		return append(out, ']')
	}
	o := value.(*object)
	out = append(out, '{')
	for i, key := range slices.Sorted(slices.Values(o.keys)) {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(canonicalString(out, key), ':')
		out = canonical(out, o.values[key])
	}
	return append(out, '}')
}

func canonicalString(out []byte, text string) []byte {
	out = append(out, '"')
	for i := range len(text) {
		c := text[i]
		at := bytes.IndexByte([]byte(escaped), c)
		switch {
		case at >= 0 && c != '/':
			out = append(out, '\\', escapes[at])
		case c < 0x20:
			out = append(out, `\u00`...)
			out = append(out, "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}
