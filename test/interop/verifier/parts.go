package main

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

func hashOf(text string) hash {
	return sha256.Sum256([]byte(text))
}

// commitment of a part (§1).
func commitment(salt, data []byte) hash {
	return hashOf(partPrefix + string(salt) + string(data))
}

// checkAttached is the first half of step 7.
func (v *verification) checkAttached() {
	for i, one := range v.attached {
		const step = "attached"
		at := fmt.Sprint("attached/", i)
		var found *record
		if o := parseCanonical(step, at, one.text); o.text("kind") == "seal" && o.get("session") == nil {
			parseSeal(step, at, one.text, one.index)
		} else {
			read := parseRecord(step, at, one.text)
			found = &read
		}
		isIn := included(leafHash([]byte(one.text)), one.placed, v.checkpoint.size, v.checkpoint.root)
		demand(isIn, 1, step, at, "a proof of inclusion")
		v.beside = append(v.beside, found)
	}
}

// checkContradictions is the second half of step 7: what validly signed statements cannot both say.
func (v *verification) checkContradictions() {
	const step = "contradictions"
	type place struct {
		chain string
		seq   int64
	}
	leaves, top, closed := map[place]hash{}, map[string]int64{}, map[string]int64{}
	var all []record
	for _, c := range v.chains {
		all = append(all, c.records...)
	}
	for _, one := range v.beside {
		if one != nil {
			all = append(all, *one)
		}
	}
	for _, one := range all {
		at := place{one.chain, one.seq}
		other, isThere := leaves[at]
		demand(!isThere || other == one.leaf, 5, step, one.chain, fmt.Sprint("one record of seq ", one.seq))
		leaves[at] = one.leaf
		top[one.chain] = max(top[one.chain], one.seq)
		if one.kind == "close" && strings.HasSuffix(one.chain, "/sup") {
			first, isClosed := closed[one.chain]
			if !isClosed || one.seq < first {
				closed[one.chain] = one.seq
			}
		}
	}
	for _, one := range all {
		seq, isClosed := closed[one.chain]
		demand(!isClosed || one.seq <= seq, 5, step, one.chain, "nothing after close")
	}
	heads := v.provenHeads()
	slices.SortFunc(heads, func(a, b head) int { return cmp.Compare(a.index, b.index) })
	last := map[string]int64{}
	for i, one := range heads {
		isInOrder := i == 0 || heads[i-1].chain < one.chain || heads[i-1] == one
		demand(isInOrder, 5, step, one.chain, "heads in the order of their chains")
		last[one.chain] = one.seq
	}
	for _, proven := range heads {
		name := proven.chain
		leaf, isThere := leaves[place{name, proven.seq}]
		demand(!isThere || leaf == proven.leaf, 5, step, name, "the head that the seal has")
		demand(top[name] <= proven.seq, 5, step, name, "no record beyond the head of the seal")
	}
	for _, one := range v.beside {
		if one == nil || one.chain != "log/admit" || one.kind != "admit" {
			continue
		}
		runs, _ := one.get("runs").([]any)
		for _, each := range runs {
			run, _ := each.(*object)
			end, _ := run.count("last")
			proven, isProven := last[run.text("chain")]
			demand(!isProven || end <= proven, 5, step, "attached", "no run beyond the head of the seal")
		}
	}
}

// provenHeads are leaves of the heads tree of this seal.
func (v *verification) provenHeads() (heads []head) {
	for _, c := range v.chains {
		if c.head != nil {
			heads = append(heads, head{c.name, c.last().seq, c.last().leaf, c.head.index})
		}
	}
	for i, one := range v.neighbours {
		if v.claim.kind == "absent" {
			heads = append(heads, parseHead("claim", fmt.Sprint("neighbours/", i), one))
		}
	}
	return heads
}

// checkDays refuses two seals of one day that say different things of it.
func (v *verification) checkDays() {
	days := map[string]tree{}
	for _, one := range v.attached {
		o, _ := parseObject(one.text)
		if seal, isSeal := readSeal(o); isSeal && seal.days != nil {
			other, isThere := days[seal.day]
			demand(!isThere || other == *seal.days, 5, "contradictions", "attached", "one seal of "+seal.day)
			days[seal.day] = *seal.days
		}
	}
}

// checkParts is step 8.
func (v *verification) checkParts() {
	const step = "parts"
	for i, c := range v.chains {
		if !c.partsGiven {
			demand(!v.RequireParts, 3, step, fmt.Sprintf("chains/%d/parts", i), "the parts")
			continue
		}
		given := map[string]bool{}
		for _, one := range c.parts {
			at := fmt.Sprintf("chains/%d/parts/%d/%s", i, one.seq, one.name)
			demand(one.seq >= c.first && one.seq <= c.last().seq, 1, step, at, "a part of a record")
			want, isCommitted := c.records[one.seq-c.first].object.object("parts").hash(one.name)
			isIt := isCommitted && commitment(one.salt, one.data) == want
			demand(isIt, 1, step, at, "what the record commits to")
			given[fmt.Sprint(one.seq, one.name)] = true
		}
		for _, one := range c.records {
			for _, name := range one.object.object("parts").keys {
				at := fmt.Sprintf("chains/%d/parts/%d/%s", i, one.seq, name)
				isThere := given[fmt.Sprint(one.seq, name)] || v.isRedacted(c, one.seq, name)
				demand(isThere, 3, step, at, "the part, or its redaction")
			}
		}
	}
}

// isRedacted looks for a redact or an expire of log/audit that covers a part.
func (v *verification) isRedacted(c *chain, seq int64, name string) bool {
	covers := func(one *record) bool {
		if one == nil || one.chain != "log/audit" {
			return false
		}
		target := one.object.object("target")
		part := target.text("part")
		switch one.kind {
		case "redact":
			at, ok := target.count("seq")
			return target.text("chain") == c.name && ok && at == seq && part == name
		case "expire":
			below, ok := target.count("below")
			return ok && (part == "*" || part == name) && v.isBelow(c, seq, below)
		}
		return false
	}
	return slices.ContainsFunc(v.beside, covers)
}

// isBelow shows that a record's index is smaller than below: by the tip, or by an attached later
// record of its chain, since a chain is in the log in its own order.
func (v *verification) isBelow(c *chain, seq, below int64) bool {
	if c.tip.index < below {
		return true
	}
	for i, one := range v.beside {
		if one != nil && one.chain == c.name && one.seq >= seq && v.attached[i].index < below {
			return true
		}
	}
	return false
}
