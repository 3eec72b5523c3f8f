package main

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// record is a leaf that is a record of §1.
type record struct {
	*object
	chain string
	seq   int64
	kind  string
	leaf  hash
}

var (
	kindForm = regexp.MustCompile(`^[a-z0-9._]{1,64}$`)
	nameForm = sessionForm
)

// parseCanonical reads a text that must be JSON (2) and as §1 says (1).
func parseCanonical(step, at, text string) *object {
	o, wrong := parseObject(text)
	if wrong != nil {
		refuse(wrong.code, step, at, "a canonical object", fmt.Sprint(wrong.why, " at byte ", wrong.at))
	}
	return o
}

// parseRecord reads a record: the table of §1.
func parseRecord(step, at, text string) record {
	o := parseCanonical(step, at, text)
	seq, isCount := o.count("seq")
	demand(isCount, 1, step, at, "a seq")
	demand(kindForm.MatchString(o.text("kind")), 1, step, at, "a kind")
	for _, name := range []string{"session", "shim"} {
		demand(nameForm.MatchString(o.text(name)), 1, step, at, "a "+name)
	}
	_, isTime := parseTime(o.text("t"))
	demand(isTime, 1, step, at, "a time")
	_, isHash := o.hash("prev")
	demand(isHash, 1, step, at, "a prev")
	parts := o.object("parts")
	demand(parts != nil, 1, step, at, "parts")
	for _, name := range parts.keys {
		_, isHash := parts.hash(name)
		demand(isHash && partForm.MatchString(name), 1, step, at, "a commitment of a part")
	}
	demand(o.get("v") == int64(1), 1, step, at, "v 1")
	return record{o, o.text("session") + "/" + o.text("shim"), seq, o.text("kind"), leafHash([]byte(text))}
}

// checkChain is step 5 for one chain.
func (v *verification) checkChain(i int, c *chain) {
	const step = "chains"
	for j := range c.texts.ends {
		at := fmt.Sprintf("chains/%d/records/%d", i, j)
		text := c.texts.at(j)
		one := parseRecord(step, at, text)
		demand(one.chain == c.name, 1, step, at, "a record of "+c.name)
		demand(one.seq == c.first+int64(j), 3, step, at, fmt.Sprint("seq ", c.first+int64(j)))
		prev, _ := one.hash("prev")
		if j > 0 {
			demand(prev == c.records[j-1].leaf, 1, step, at, "the hash of the record before as prev")
		} else if c.first == 0 {
			demand(prev == hash{}, 1, step, at, "zero as prev")
		}
		c.records = append(c.records, one)
	}
	at := fmt.Sprintf("chains/%d/", i)
	demand(included(c.last().leaf, c.tip, v.checkpoint.size, v.checkpoint.root), 1, step, at+"tip",
		"a proof of inclusion")
	if c.head != nil {
		demand(v.heads != nil, 3, step, at+"head", "a seal with heads")
		leaf := headLeaf(c.name, c.last())
		demand(included(leaf, *c.head, v.heads.size, v.heads.root), 1, step, at+"head", "the last record")
	}
}

func (c *chain) last() record {
	return c.records[len(c.records)-1]
}

// headLeaf is the leaf of a chain in the tree of heads (§3).
func headLeaf(chain string, last record) hash {
	text := fmt.Sprintf(`{"chain":"%s","head":"%s","seq":%d}`, chain, last.leaf, last.seq)
	return leafHash([]byte(text))
}

// tree is a root with its size, as seals name them.
type tree struct {
	size int64
	root hash
}

// parseTree reads `{"root":…,"size":…}`; nil for null.
func parseTree(value any) (t *tree, ok bool) {
	if value == nil {
		return nil, true
	}
	o, _ := value.(*object)
	size, isCount := o.count("size")
	root, isHash := o.hash("root")
	return &tree{size, root}, isCount && isHash && len(o.keys) == 2
}

// seal is a record of §3, read.
type seal struct {
	first, count, n   int64
	prev, heads, days *tree
	day               string
	time              *big.Int
}

// readSeal reads the members of a seal (§3); false when it is none.
func readSeal(o *object) (s seal, isSeal bool) {
	if o.text("kind") != "seal" || o.get("v") != int64(1) {
		return s, false
	}
	want := strings.Fields("count first heads kind n prev src t v")
	_, hasDay := o.values["day"]
	if hasDay {
		want = append(want, "day", "days")
	}
	for _, key := range want {
		if _, ok := o.values[key]; !ok || len(want) != len(o.keys) {
			return s, false
		}
	}
	var ok [8]bool
	s.day = o.text("day")
	s.first, ok[0] = o.count("first")
	s.count, ok[1] = o.count("count")
	s.n, ok[2] = o.count("n")
	s.prev, ok[3] = parseTree(o.get("prev"))
	s.heads, ok[4] = parseTree(o.get("heads"))
	s.days, ok[5] = parseTree(o.get("days"))
	s.time, ok[6] = parseTime(o.text("t"))
	ok[7] = o.object("src") != nil && (!hasDay || dayForm.MatchString(s.day) && s.days != nil)
	return s, !slices.Contains(ok[:], false)
}

// parseSeal reads a seal that stands at an index of the tree (§3, §5 step 4).
func parseSeal(step, at, text string, index int64) seal {
	s, isSeal := readSeal(parseCanonical(step, at, text))
	demand(isSeal, 1, step, at, "a seal")
	demand(s.first+s.count == index, 1, step, at, "its place")
	demand((s.prev == nil) == (s.n == 0), 1, step, at, "prev null exactly in the first seal")
	before := int64(0)
	if s.prev != nil {
		before = s.prev.size
	}
	demand(s.first == before, 1, step, at, "the tree before it as prev")
	return s
}
