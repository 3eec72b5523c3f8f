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
		chains = append(chains, parseHead(step, at, one.text).chain)
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
}

func parseHead(step, at, text string) head {
	o := parseCanonical(step, at, text)
	seq, isCount := o.count("seq")
	leaf, isHash := o.hash("head")
	isHead := len(o.keys) == 3 && isCount && isHash && chainForm.MatchString(o.text("chain"))
	demand(isHead, 1, step, at, "a leaf of the tree of heads")
	return head{o.text("chain"), seq, leaf}
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
	joins, ends := map[string][]*object{}, map[string][]*object{}
	closing := -1
	for i, one := range sup.records {
		at := fmt.Sprintf("sup/records/%d", i)
		demand(closing < 0, 1, step, at, "nothing after close")
		demand(one.kind != "open" || i == 0, 1, step, at, "one open")
		target := one.object.object("target")
		switch one.kind {
		case "join":
			joins[target.text("chain")] = append(joins[target.text("chain")], target)
		case "end":
			ends[target.text("chain")] = append(ends[target.text("chain")], target)
		case "close":
			closing = i
		}
	}
	for i, c := range v.chains {
		if c == sup {
			continue
		}
		at := fmt.Sprint("chains/", i)
		demand(len(joins[c.name]) == 1, 1, step, at, "one join")
		first, _ := joins[c.name][0].hash("first")
		demand(c.first > 0 || first == c.records[0].leaf, 1, step, at, "the first record that was joined")
	}
	for name, join := range joins {
		demand(len(join) == 1, 1, step, "sup", "one join of "+name)
		demand(v.chain(name) != nil, 3, step, "sup", "the joined chain "+name)
	}
	for name, end := range ends {
		demand(len(end) == 1 && joins[name] != nil, 1, step, "sup", "one end for a join of "+name)
		v.checkEnd(v.chain(name), end[0])
	}
	if closing >= 0 {
		demand(len(ends) == len(joins), 1, step, "sup", "an end for each join before close")
	}
	for i, c := range v.chains {
		at := fmt.Sprint("chains/", i)
		demand(closing >= 0 || ends[c.name] != nil || c.head != nil, 3, step, at, "a proof of its head")
		demand(c.first == 0, 3, step, at, "the chain from its first record")
	}
	if v.RequireClosed {
		isClosed := closing >= 0 && sup.records[closing].text("reason") != "idle" && !sup.hasLost()
		demand(isClosed, 3, step, "sup", "a session that was closed in order")
	}
	if v.RequireLossless {
		v.checkLossless()
	}
}

func (v *verification) checkEnd(c *chain, end *object) {
	seq, isCount := end.count("seq")
	head, isHash := end.hash("head")
	demand(isCount && isHash, 1, "claim", "sup", "the seq and head of an end")
	demand(c.last().seq >= seq, 3, "claim", c.name, "records up to seq "+strconv.FormatInt(seq, 10))
	demand(c.last().seq == seq && c.last().leaf == head, 1, "claim", c.name, "the last record of its end")
}

func (c *chain) hasLost() bool {
	isLost := func(one record) bool { return one.kind == "end" && one.text("state") == "lost" }
	return slices.ContainsFunc(c.records, isLost)
}

// checkLossless refuses what tells of a loss (§5 step 6). A kind of the table in §2 has its meaning
// only in the chain that is named there.
func (v *verification) checkLossless() {
	for i, c := range v.chains {
		_, shim, _ := strings.Cut(c.name, "/")
		for j, one := range c.records {
			at := fmt.Sprintf("chains/%d/records/%d", i, j)
			isLoss := one.kind == "telemetry.drop" || one.kind == "telemetry.gap" || one.get("broken") == true
			if shim == "sup" {
				isLoss = isLoss || slices.Contains([]string{"gap", "conflict", "broken"}, one.kind)
			}
			demand(!isLoss, 3, "claim", at, "no loss")
		}
		demand(!(shim == "sup" && c.hasLost()), 3, "claim", c.name, "no lost chain")
		demand(c.first > 0 || v.isFollowing(c.records[0]), 3, "claim", c.name, "the end of the chain before it")
	}
}

// isFollowing says whether a first record goes on where a chain of the bundle ends.
func (v *verification) isFollowing(first record) bool {
	previous := first.object.object("previous")
	if previous == nil {
		return true
	}
	seq, _ := previous.count("seq")
	head, _ := previous.hash("head")
	before := v.chain(previous.text("chain"))
	if before == nil || seq > before.last().seq {
		return false
	}
	return seq < before.first || before.records[seq-before.first].leaf == head
}
