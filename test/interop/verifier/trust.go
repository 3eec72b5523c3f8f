package main

import (
	"encoding/hex"
	"math"
	"math/big"
	"slices"
	"strings"
)

// trust is what the auditor brings: a trust file (C2SP tlog-policy), read.
type trust struct {
	logs      []*key
	witnesses map[string]*key
	groups    map[string]group
	quorum    string
}

type group struct {
	least   int
	members []string
}

const trustBytesMax = 1 << 20

// parseTrust reads a trust file; the second answer is the line that is wrong.
func parseTrust(text string) (*trust, string) {
	t := &trust{witnesses: map[string]*key{}, groups: map[string]group{}}
	var intervals [][]string
	if len(text) > trustBytesMax {
		return nil, "too large"
	}
	isControl := func(c rune) bool { return c < 0x20 && c != '\t' && c != '\n' || c == 0x7f }
	if strings.ContainsFunc(text, isControl) {
		return nil, "a control character"
	}
	for line := range strings.SplitSeq(text, "\n") {
		words := strings.FieldsFunc(line, func(c rune) bool { return c == ' ' || c == '\t' })
		if len(words) > 0 && words[0] == "#vitrine" {
			intervals = append(intervals, words[1:])
		} else if len(words) > 0 && words[0][0] != '#' && !t.define(words) {
			return nil, line
		}
	}
	for _, words := range intervals {
		if !t.interval(words) {
			return nil, strings.Join(words, " ")
		}
	}
	if t.quorum == "" {
		return nil, "no quorum"
	}
	return t, ""
}

func (t *trust) define(words []string) bool {
	switch words[0] {
	case "log":
		if len(words) < 2 || len(words) > 3 {
			return false
		}
		log, ok := parseKey(words[1], typeEd25519)
		same := func(k *key) bool { return string(k.public) == string(log.public) }
		if !ok || slices.ContainsFunc(t.logs, same) {
			return false
		}
		t.logs = append(t.logs, log)
		return true
	case "witness":
		if len(words) < 3 || len(words) > 4 || t.isDefined(words[1]) {
			return false
		}
		witness, ok := parseKey(words[2], typeCosignature)
		if !ok {
			return false
		}
		for _, other := range t.witnesses {
			ok = ok && string(other.public) != string(witness.public)
		}
		t.witnesses[words[1]] = witness
		return ok
	case "group":
		return len(words) >= 4 && !t.isDefined(words[1]) && t.defineGroup(words[1], words[2], words[3:])
	case "quorum":
		if len(words) != 2 || t.quorum != "" || !t.isDefined(words[1]) {
			return false
		}
		t.quorum = words[1]
		return true
	}
	return false
}

func (t *trust) isDefined(name string) bool {
	_, isGroup := t.groups[name]
	return name == "none" || isGroup || t.witnesses[name] != nil
}

// defineGroup adds a group; each name is a member of one group at most, so no witness counts twice.
func (t *trust) defineGroup(name, least string, members []string) bool {
	for i, member := range members {
		if member == "none" || !t.isDefined(member) || slices.Contains(members[:i], member) {
			return false
		}
		for _, other := range t.groups {
			if slices.Contains(other.members, member) {
				return false
			}
		}
	}
	g := group{len(members), members}
	if least == "any" {
		g.least = 1
	} else if least != "all" {
		n, ok := parseCount(least)
		if !ok || n < 1 || n > int64(len(members)) {
			return false
		}
		g.least = int(n)
	}
	t.groups[name] = g
	return true
}

// interval reads `interval <key id> <from> <to or ->` for a log's key (§5).
func (t *trust) interval(words []string) bool {
	if len(words) != 4 || words[0] != "interval" {
		return false
	}
	from, ok := parseCount(words[2])
	to, isCount := parseCount(words[3])
	if words[3] == "-" {
		to, isCount = math.MaxInt64, true
	}
	isKnown := false
	for _, log := range t.logs {
		if hex.EncodeToString(log.id[:]) == words[1] {
			log.intervals = append(log.intervals, [2]int64{from, to})
			isKnown = true
		}
	}
	return isKnown && ok && isCount && from < to
}

func (t *trust) logsOf(origin string) []*key {
	return slices.DeleteFunc(slices.Clone(t.logs), func(k *key) bool { return k.name != origin })
}

// isQuorum says whether those who spoke are enough for a name of the policy.
func (t *trust) isQuorum(name string, spoke func(*key) bool) bool {
	if name == "none" {
		return true
	}
	if witness := t.witnesses[name]; witness != nil {
		return spoke(witness)
	}
	g, count := t.groups[name], 0
	for _, member := range g.members {
		if t.isQuorum(member, spoke) {
			count++
		}
	}
	return count >= g.least
}

// parseTime reads unix nanoseconds: decimal digits without leading zeros, as many as there are.
func parseTime(text string) (*big.Int, bool) {
	n, ok := new(big.Int).SetString(text, 10)
	return n, ok && n.Sign() >= 0 && n.String() == text
}
