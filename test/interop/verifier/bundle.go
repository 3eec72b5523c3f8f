package main

import (
	"regexp"
	"strconv"
	"strings"
)

const (
	bundleBytesMax = 256 << 20
	proofHashesMax = 64
	saltBytes      = 16
	chainsMax      = 65536
	// A bundle has so many values, counted as commas and opening brackets, and more by its length.
	valuesFree    = 10000
	valueBytesMin = 40
)

// bundle is a file of §4, its form checked.
type bundle struct {
	claim       claim
	checkpoint  *note
	seal        leaf
	chains      []*chain
	attached    []leaf
	neighbours  []leaf
	consistency *consistency
}

type claim struct {
	kind, session, chain, day string
	first, last, index        int64
}

// leaf is the text of a leaf and where it stands in its tree.
type leaf struct {
	placed
	text string
}

type chain struct {
	name  string
	first int64
	texts texts
	// partsGiven is false for `"parts": null`.
	partsGiven bool
	parts      []part
	tip        placed
	head       *placed
	// Set by step 5.
	records []record
}

// texts are many texts in one: millions of empty ones must not cost more than their file.
type texts struct {
	bytes []byte
	ends  []uint32
}

func (t *texts) add(text string) {
	t.bytes = append(t.bytes, text...)
	t.ends = append(t.ends, uint32(len(t.bytes)))
}

func (t *texts) at(i int) string {
	from := uint32(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	return string(t.bytes[from:t.ends[i]])
}

type part struct {
	seq        int64
	name       string
	salt, data []byte
}

type consistency struct {
	from  *note
	proof []hash
}

var (
	sessionForm = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,128}$`)
	chainForm   = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,128}/[A-Za-z0-9._:-]{1,128}$`)
	dayForm     = regexp.MustCompile(`^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`)
	partForm    = regexp.MustCompile(`^[a-z0-9_.-]{1,64}$`)
)

// parseBundle reads a bundle; whatever is not as in §4 is malformed.
func parseBundle(file []byte) (b *bundle, wrong *malformed) {
	defer caught(&wrong)
	r := &reader{b: file}
	if len(file) > bundleBytesMax {
		r.fail("larger than a bundle may be")
	}
	left := valuesFree + len(file)/valueBytesMin
	r.left = &left
	b = &bundle{}
	r.members(members{
		"format": func() {
			if r.string() != "vitrine-bundle/1" {
				r.fail("not the format vitrine-bundle/1")
			}
		},
		"claim":      func() { b.claim = r.claim() },
		"checkpoint": func() { b.checkpoint = r.note() },
		"seal": func() {
			r.members(members{
				"record": func() { b.seal.text = r.string() },
				"proof":  func() { b.seal.proof = r.proof() },
			})
		},
		"chains":   func() { b.chains = r.chains() },
		"attached": func() { b.attached = r.leaves("record") },
		"neighbours?": func() {
			b.neighbours = r.leaves("leaf")
		},
		"consistency?": func() {
			b.consistency = &consistency{}
			r.members(members{
				"from":  func() { b.consistency.from = r.note() },
				"proof": func() { b.consistency.proof = r.proof() },
			})
		},
	})
	r.end()
	b.seal.index = b.checkpoint.size - 1
	return b, nil
}

// members names what an object must have; a name that ends in ? may be missing.
type members map[string]func()

func (r *reader) members(of members) {
	missing := 0
	for key := range of {
		if !strings.HasSuffix(key, "?") {
			missing++
		}
	}
	r.object(func(key string) {
		read := of[key]
		if read != nil && !strings.HasSuffix(key, "?") {
			missing--
		} else if read = of[key+"?"]; read == nil {
			r.fail("an unknown member")
		}
		read()
	})
	if missing > 0 {
		r.fail("a member is missing")
	}
}

func (r *reader) matching(form *regexp.Regexp) string {
	text := r.string()
	if !form.MatchString(text) {
		r.fail("not of the form " + form.String())
	}
	return text
}

func (r *reader) hash() hash {
	h, ok := parseHash(r.string())
	if !ok {
		r.fail("not base64 of 32 bytes")
	}
	return h
}

func (r *reader) bytes() []byte {
	raw, ok := strictBase64(r.string())
	if !ok {
		r.fail("not base64")
	}
	return raw
}

func (r *reader) proof() []hash {
	proof := []hash{}
	r.array(func() {
		if proof = append(proof, r.hash()); len(proof) > proofHashesMax {
			r.fail("a proof that is too long")
		}
	})
	return proof
}

func (r *reader) note() *note {
	n, why := parseNote(r.string())
	if n == nil {
		r.fail(why)
	}
	return n
}

// claim reads the type first, wherever it stands: the other members depend on it.
func (r *reader) claim() (c claim) {
	start := r.i
	kind := ""
	ahead := &reader{b: r.b, i: start, depth: recordDepthMax - 1}
	ahead.object(func(key string) {
		if value := ahead.value(); key == "type" {
			kind, _ = value.(string)
		}
	})
	of := members{"type": func() { c.kind = r.string() }}
	session := func() { c.session = r.matching(sessionForm) }
	switch kind {
	case "session", "absent":
		of["session"] = session
	case "inactive":
		of["session"] = session
		of["day"] = func() { c.day = r.matching(dayForm) }
	case "range":
		of["chain"] = func() { c.chain = r.matching(chainForm) }
		of["first"] = func() { c.first = r.count() }
		of["last"] = func() { c.last = r.count() }
	case "event":
		of["index"] = func() { c.index = r.count() }
	default:
		r.fail("an unknown claim")
	}
	r.members(of)
	if c.first > c.last {
		r.fail("a range that ends before it begins")
	}
	return c
}

func (r *reader) placed() (at placed) {
	r.members(members{
		"index": func() { at.index = r.count() },
		"proof": func() { at.proof = r.proof() },
	})
	return at
}

func (r *reader) leaves(name string) []leaf {
	leaves := []leaf{}
	r.array(func() {
		one := leaf{}
		r.members(members{
			name:    func() { one.text = r.string() },
			"index": func() { one.index = r.count() },
			"proof": func() { one.proof = r.proof() },
		})
		leaves = append(leaves, one)
	})
	return leaves
}

func (r *reader) chains() []*chain {
	chains := []*chain{}
	r.array(func() {
		c := &chain{}
		r.members(members{
			"chain":   func() { c.name = r.matching(chainForm) },
			"first":   func() { c.first = r.count() },
			"records": func() { r.array(func() { c.texts.add(r.string()) }) },
			"parts":   func() { r.parts(c) },
			"tip":     func() { c.tip = r.placed() },
			"head?": func() {
				head := r.placed()
				c.head = &head
			},
		})
		if len(c.texts.ends) == 0 {
			r.fail("a chain without records")
		}
		if len(chains) > 0 && chains[len(chains)-1].name >= c.name {
			r.fail("chains out of order")
		}
		if len(chains) == chainsMax {
			r.fail("too many chains")
		}
		chains = append(chains, c)
	})
	return chains
}

func (r *reader) parts(c *chain) {
	if r.literal("null") {
		return
	}
	c.partsGiven = true
	r.object(func(text string) {
		seq, ok := parseCount(text)
		if !ok {
			r.fail("parts of no seq: " + strconv.Quote(text))
		}
		r.object(func(name string) {
			one := part{seq: seq, name: name}
			if !partForm.MatchString(name) {
				r.fail("not the name of a part")
			}
			r.members(members{
				"salt": func() { one.salt = r.bytes() },
				"data": func() { one.data = r.bytes() },
			})
			if len(one.salt) != saltBytes {
				r.fail("a salt that is not 16 bytes")
			}
			c.parts = append(c.parts, one)
		})
	})
}
