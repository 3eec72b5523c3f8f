package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// checkClaim is step 6.
func (v *verification) checkClaim() {
	switch v.claim.kind {
	case "range":
		c := v.chain(v.claim.chain)
		isExact := c != nil && len(v.chains) == 1 && c.first == v.claim.first && c.last().seq == v.claim.last
		demand(isExact, 3, "claim", "chains", "exactly that range")
	case "event":
		isIt := func(l leaf) bool { return l.index == v.claim.index }
		demand(slices.ContainsFunc(v.attached, isIt), 3, "claim", "attached", "the leaf of the claim")
	case "absent":
		demand(v.heads != nil, 3, "claim", "seal/record", "a seal with heads")
		v.checkNeighbours(v.heads)
	case "inactive":
		v.checkNeighbours(v.daysOf(v.claim.day))
	case "session":
		v.checkSession()
	}
}

func (v *verification) chain(name string) *chain {
	for _, c := range v.chains {
		if c.name == name {
			return c
		}
	}
	return nil
}

// daysOf is the tree of the attached day seal.
func (v *verification) daysOf(day string) *tree {
	found := false
	for _, one := range v.attached {
		o, _ := parseObject(one.text)
		seal, isSeal := readSeal(o)
		if isSeal && seal.day == day {
			return seal.days
		}
		found = found || isSeal && seal.days != nil
	}
	demand(found, 3, "claim", "attached", "the seal of the day")
	refuse(1, "claim", "attached", "the seal of "+day, "that of another day")
	return nil
}

// checkNeighbours proves that a tree of heads has no chain of the session (§4).
func (v *verification) checkNeighbours(in *tree) {
	const step = "claim"
	below, above := v.claim.session+"/", v.claim.session+"0"
	demand(v.neighbours != nil, 3, step, "neighbours", "the leaves around the session")
	chains := []string{}
	for i, one := range v.neighbours {
		at := fmt.Sprintf("neighbours/%d", i)
		chains = append(chains, parseHead(step, at, one).chain)
		isIn := included(leafHash([]byte(one.text)), one.placed, in.size, in.root)
		demand(isIn, 1, step, at, "a proof of inclusion")
	}
	isAround := false
	switch near := v.neighbours; len(near) {
	case 0:
		isAround = in.size == 0
	case 1:
		isFirst := near[0].index == 0 && chains[0] >= above
		isLast := near[0].index == in.size-1 && chains[0] < below
		isAround = isFirst || isLast
	case 2:
		isAround = near[0].index+1 == near[1].index && chains[0] < below && chains[1] >= above
	}
	demand(isAround, 1, step, "neighbours", "adjacent leaves around the session")
}

// head is a leaf of a tree of heads (§3).
type head struct {
	chain string
	seq   int64
	leaf  hash
	index int64
}

func parseHead(step, at string, near leaf) head {
	o := parseCanonical(step, at, near.text)
	seq, isCount := o.count("seq")
	leaf, isHash := o.hash("head")
	isHead := len(o.keys) == 3 && isCount && isHash && chainForm.MatchString(o.text("chain"))
	demand(isHead, 1, step, at, "a leaf of the tree of heads")
	return head{o.text("chain"), seq, leaf, near.index}
}

// isShardOf applies the shard rule of §3 to an origin.
func isShardOf(origin, session string) bool {
	fields := strings.Split(origin[strings.LastIndex(origin, "/")+1:], ".")
	if len(fields) != 3 {
		return false
	}
	shard, ok := parseCount(fields[1])
	shards, isCount := parseCount(fields[2])
	sum := hashOf(session)
	number := int64(sum[0])<<24 | int64(sum[1])<<16 | int64(sum[2])<<8 | int64(sum[3])
	return ok && isCount && shards > 0 && number%shards == shard
}

// joined is what sup says of a chain.
type joined struct {
	chain string
	first hash
	end   *object
}

// checkSession is step 6 for a session: all its chains, to their ends or heads.
func (v *verification) checkSession() {
	const step = "claim"
	session := v.claim.session
	demand(isShardOf(v.checkpoint.origin, session), 1, step, "checkpoint", "a log that holds "+session)
	for i, c := range v.chains {
		isOf := strings.HasPrefix(c.name, session+"/")
		demand(isOf, 1, step, fmt.Sprint("chains/", i), "a chain of "+session)
	}
	sup := v.chain(session + "/sup")
	isBegun := sup != nil && sup.first == 0 && sup.records[0].kind == "open"
	demand(isBegun, 3, step, "chains", "a chain sup that begins with open")
	joins, isClosed := v.readSup(sup)
	for _, c := range v.chains {
		demand(c.first == 0, 3, step, c.name, "the chain from its first record")
		demand(c == sup || find(joins, c.name) != nil, 1, step, c.name, "a join")
		demand(c == sup || find(joins, c.name).first == c.records[0].leaf, 1, step, c.name,
			"the first record that was joined")
	}
	for _, join := range joins {
		c := v.chain(join.chain)
		demand(c != nil, 3, step, sup.name, "the joined chain "+join.chain)
		if join.end != nil {
			checkEnd(c, join.end)
		}
	}
	for _, c := range v.chains {
		isEnded := isClosed || c != sup && find(joins, c.name).end != nil
		demand(isEnded || c.head != nil, 3, step, c.name, "a proof of its head")
	}
	if v.RequireClosed {
		isInOrder := isClosed && sup.last().text("reason") != "idle" && !sup.hasLost()
		demand(isInOrder, 3, step, sup.name, "a session that was closed in order")
	}
	if v.RequireLossless {
		v.checkLossless(sup)
	}
}

func find(joins []*joined, chain string) *joined {
	for _, join := range joins {
		if join.chain == chain {
			return join
		}
	}
	return nil
}

// readSup reads the joins and ends of a session in the order of its records.
func (v *verification) readSup(sup *chain) (joins []*joined, isClosed bool) {
	const step = "claim"
	for i, one := range sup.records {
		at := fmt.Sprint(sup.name, "/records/", i)
		demand(!isClosed, 1, step, at, "nothing after close")
		demand(one.kind != "open" || i == 0, 1, step, at, "one open")
		target := one.object.object("target")
		name := target.text("chain")
		join := find(joins, name)
		switch one.kind {
		case "join":
			first, isHash := target.hash("first")
			isOf := chainForm.MatchString(name) && strings.HasPrefix(name, v.claim.session+"/")
			isNew := isOf && name != sup.name && join == nil
			demand(isNew && isHash, 1, step, at, "the one join of a chain of this session")
			joins = append(joins, &joined{chain: name, first: first})
		case "end":
			demand(join != nil && join.end == nil, 1, step, at, "the one end of a joined chain")
			join.end = target
		case "close":
			isClosed = true
			for _, join := range joins {
				demand(join.end != nil, 1, step, at, "an end of "+join.chain)
			}
		}
	}
	return joins, isClosed
}

func checkEnd(c *chain, end *object) {
	seq, isCount := end.count("seq")
	head, isHash := end.hash("head")
	demand(isCount && isHash, 1, "claim", c.name, "the seq and head of an end")
	demand(c.last().seq >= seq, 3, "claim", c.name, "records up to seq "+strconv.FormatInt(seq, 10))
	demand(c.last().seq == seq && c.last().leaf == head, 1, "claim", c.name, "the last record of its end")
}

func (c *chain) hasLost() bool {
	isLost := func(one record) bool { return one.kind == "end" && one.text("state") != "closed" }
	return slices.ContainsFunc(c.records, isLost)
}

// checkLossless refuses what tells of a loss (§5 step 6). A kind of the table in §2 has its meaning
// only in the chain that is named there.
func (v *verification) checkLossless(sup *chain) {
	for _, c := range v.chains {
		kinds := []string{"telemetry.drop", "telemetry.gap"}
		if c == sup {
			kinds = []string{"gap", "conflict", "broken"}
		}
		for _, one := range c.records {
			isLoss := slices.Contains(kinds, one.kind) || one.get("broken") == true
			demand(!isLoss, 3, "claim", c.name, "no loss")
		}
		demand(c == sup || v.isFollowing(c.records[0]), 3, "claim", c.name, "the end of the chain before it")
	}
	demand(!sup.hasLost(), 3, "claim", sup.name, "no lost chain")
}

// isFollowing says whether the first record of a relay goes on where its earlier chain ends, if it
// names one of this session.
func (v *verification) isFollowing(first record) bool {
	previous := first.object.object("previous")
	name := previous.text("chain")
	if !strings.HasPrefix(name, v.claim.session+"/") {
		return true
	}
	seq, isCount := previous.count("seq")
	head, _ := previous.hash("head")
	before := v.chain(name)
	return isCount && before != nil && seq <= before.last().seq && before.records[seq].leaf == head
}
