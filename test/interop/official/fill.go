package main

import (
	"math"
	"math/rand"

	"google.golang.org/protobuf/reflect/protoreflect"
)

const (
	// How deep an attribute's value may nest; a receiver may keep what is deeper as it came.
	depthMax = 5
	listMax  = 3
	anyValue = "opentelemetry.proto.common.v1.AnyValue"
)

// Fields of profiles, which have a dictionary: they mean nothing in other signals.
var ofProfiles = map[protoreflect.Name]bool{"key_strindex": true, "string_value_strindex": true}

// Lengths of the fields that hold an id.
var idBytes = map[protoreflect.Name]int{"trace_id": 16, "span_id": 8, "parent_span_id": 8}

type filler struct {
	*rand.Rand
}

func newFiller(seed int64) *filler {
	return &filler{rand.New(rand.NewSource(seed))}
}

// fill sets fields at random; depth counts the values around this message.
func (f *filler) fill(m protoreflect.Message, depth int) {
	if m.Descriptor().FullName() == anyValue {
		depth++
	}
	fields := m.Descriptor().Fields()
	oneofs := m.Descriptor().Oneofs()
	for i := 0; i < oneofs.Len(); i++ {
		if members := oneofs.Get(i).Fields(); !oneofs.Get(i).IsSynthetic() {
			f.set(m, f.member(members, depth), depth)
		}
	}
	for i := 0; i < fields.Len(); i++ {
		field := fields.Get(i)
		if of := field.ContainingOneof(); of != nil && !of.IsSynthetic() || ofProfiles[field.Name()] {
			continue
		}
		// A key without a value, and a value without its one member, are written in several ways.
		needed := field.Name() == "key" || field.Name() == "value" && field.Message() != nil
		if needed || f.Intn(4) > 0 {
			f.set(m, field, depth)
		}
	}
}

// member picks one of a oneof; values that nest end at the depth.
func (f *filler) member(members protoreflect.FieldDescriptors, depth int) protoreflect.FieldDescriptor {
	for {
		field := members.Get(f.Intn(members.Len()))
		nests := field.Name() == "array_value" || field.Name() == "kvlist_value"
		if !ofProfiles[field.Name()] && (!nests || depth < depthMax && f.Intn(2) == 0) {
			return field
		}
	}
}

func (f *filler) set(m protoreflect.Message, field protoreflect.FieldDescriptor, depth int) {
	switch {
	case field.IsList():
		list := m.Mutable(field).List()
		for n := f.Intn(listMax + 1); n > 0; n-- {
			if field.Message() != nil {
				element := list.NewElement()
				f.fill(element.Message(), depth)
				list.Append(element)
			} else {
				list.Append(f.scalar(field))
			}
		}
	case field.Message() != nil:
		f.fill(m.Mutable(field).Message(), depth)
	default:
		m.Set(field, f.scalar(field))
	}
}

func (f *filler) scalar(field protoreflect.FieldDescriptor) protoreflect.Value {
	switch field.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(f.Intn(2) == 0)
	case protoreflect.EnumKind:
		values := field.Enum().Values()
		return protoreflect.ValueOfEnum(values.Get(f.Intn(values.Len())).Number())
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(f.text(field))
	case protoreflect.BytesKind:
		length, isID := idBytes[field.Name()]
		if !isID {
			length = f.Intn(20)
		}
		bytes := make([]byte, length)
		f.Read(bytes)
		return protoreflect.ValueOfBytes(bytes)
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(f.double())
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(int32(f.bits()))
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(uint32(f.bits()))
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(int64(f.bits()))
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(f.bits())
	}
	panic("OTLP has no field of kind " + field.Kind().String())
}

// bits are small, at an edge, or anything.
func (f *filler) bits() uint64 {
	edges := []uint64{0, 1, 127, 128, 1 << 31, 1<<31 - 1, 1 << 32, 1 << 53, 1<<53 + 1, 1 << 63}
	switch f.Intn(3) {
	case 0:
		return edges[f.Intn(len(edges))]
	case 1:
		return -edges[f.Intn(len(edges))]
	}
	return f.Uint64()
}

func (f *filler) double() float64 {
	edges := []float64{0, 1, -0.5, math.Inf(1), math.Inf(-1), math.NaN(), math.MaxFloat64, 5e-324}
	if f.Intn(2) == 0 {
		return edges[f.Intn(len(edges))]
	}
	return f.NormFloat64()
}

func (f *filler) text(field protoreflect.FieldDescriptor) string {
	known := []string{"session.id", "tool.call", "tool.name", "file.read", "0", "my.event", "\x00\"\\"}
	if f.Intn(3) == 0 {
		return known[f.Intn(len(known))]
	}
	runes := make([]rune, f.Intn(12))
	for i := range runes {
		for runes[i] = 0xd800; runes[i] >= 0xd800 && runes[i] < 0xe000; {
			runes[i] = rune(f.Intn([]int{0x80, 0x3000, 0x110000}[f.Intn(3)]))
		}
	}
	if field.Name() == "key" {
		return "k" + string(runes)
	}
	return string(runes)
}
