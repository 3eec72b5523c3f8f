package main

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
)

var (
	secondNs = big.NewInt(1_000_000_000)
	// slackNs is how far clocks may differ (§5 steps 2 and 4).
	slackNs = big.NewInt(5 * 60 * 1_000_000_000)
)

// verification is one run over one bundle.
type verification struct {
	*bundle
	options
	trust *trust
	now   *big.Int
	heads *tree
	// Records of attached leaves, nil where a leaf is a seal.
	beside []*record
}

// run goes through the steps of §5 in their order and panics with the first refusal.
func run(file []byte, with options) {
	v := &verification{options: with}
	if with.Now != nil {
		now, ok := parseTime(*with.Now)
		demand(ok, 2, "form", "now", "unix nanoseconds")
		v.now = now
	}
	demand(with.MaxAge == nil || v.now != nil, 2, "form", "now", "a time, where an age is given")
	t, wrong := parseTrust(with.Trust)
	demand(t != nil, 2, "form", "trust", wrong)
	v.trust = t
	pinned := parsePin(with.Pin)
	b, bad := parseBundle(file)
	if bad != nil {
		refuse(2, "form", "bundle", bad.why, fmt.Sprint("at byte ", bad.at))
	}
	v.bundle = b
	v.checkExpected()
	v.checkTrust()
	if pinned != nil {
		v.checkPin(pinned)
	}
	if v.consistency != nil {
		v.checkConsistency(v.consistency.from, v.consistency.proof)
	}
	v.checkSeal()
	for i, c := range v.chains {
		v.checkChain(i, c)
	}
	v.checkClaim()
	v.checkAttached()
	v.checkContradictions()
	v.checkDays()
	v.checkParts()
}

// pin is a checkpoint that the auditor kept: its fields, and its note.
type pin struct {
	origin string
	size   int64
	root   hash
	note   *note
}

// parsePin reads a pin; nil when there is none. That its fields equal its note is step 3.
func parsePin(text *string) (p *pin) {
	if text == nil {
		return nil
	}
	var wrong *malformed
	defer func() { demand(wrong == nil, 2, "form", "pin", "a pin") }()
	defer caught(&wrong)
	r := &reader{b: []byte(*text)}
	if len(*text) > trustBytesMax {
		r.fail("too large")
	}
	p = &pin{}
	r.members(members{
		"origin": func() { p.origin = r.string() },
		"size":   func() { p.size = r.count() },
		"root":   func() { p.root = r.hash() },
		"note":   func() { p.note = r.note() },
	})
	r.end()
	return p
}

// checkExpected is the end of step 1.
func (v *verification) checkExpected() {
	isExpected := func(at string, expected *string, found string) {
		demand(expected == nil || *expected == found, 4, "form", at, "what was expected")
	}
	session := v.claim.session
	if v.claim.kind == "range" {
		session, _, _ = strings.Cut(v.claim.chain, "/")
	}
	isExpected("checkpoint", v.Expect.Origin, v.checkpoint.origin)
	isExpected("claim", v.Expect.Session, session)
	demand(v.Expect.Chain == nil || v.claim.kind == "range", 4, "form", "claim", "a claim about a chain")
	isExpected("claim", v.Expect.Chain, v.claim.chain)
}

// checkTrust is step 2.
func (v *verification) checkTrust() {
	logs := v.trust.logsOf(v.checkpoint.origin)
	demand(len(logs) > 0, 4, "trust", "checkpoint", "a log of the trust file")
	o, _ := parseObject(v.bundle.seal.text)
	sealed := new(big.Int)
	if seal, isSeal := readSeal(o); isSeal {
		sealed = seal.time
	}
	spoke := map[*key]bool{}
	for witness, times := range v.signers("trust", "checkpoint", v.checkpoint) {
		isCounted := func(seconds uint64) bool { return v.counts(seconds, sealed) }
		spoke[witness] = slices.ContainsFunc(times, isCounted)
	}
	isQuorum := v.trust.isQuorum(v.trust.quorum, func(k *key) bool { return spoke[k] })
	demand(isQuorum, 4, "trust", "checkpoint", "the quorum "+v.trust.quorum)
}

// signers demands that each line of a known key verifies (1) and one by the log's own key (4); it
// gives the times of the cosignatures.
func (v *verification) signers(step, at string, n *note) map[*key][]uint64 {
	isSigned, times := false, map[*key][]uint64{}
	for i, one := range n.signatures {
		at := fmt.Sprintf("%s/signatures/%d", at, i)
		for _, log := range v.trust.logs {
			if log.made(one) {
				demand(log.signed(n.text, one), 1, step, at, "a signature that verifies")
				isSigned = isSigned || log.name == n.origin && log.holds(n.size)
			}
		}
		for _, witness := range v.trust.witnesses {
			if witness.made(one) {
				time, ok := witness.cosigned(n.text, one)
				demand(ok, 1, step, at, "a cosignature that verifies")
				times[witness] = append(times[witness], time)
			}
		}
	}
	demand(isSigned, 4, step, at, "a signature of the log")
	return times
}

// counts says whether a cosignature of a time in seconds is about this seal and no later than now.
func (v *verification) counts(seconds uint64, sealed *big.Int) bool {
	time := new(big.Int).Mul(new(big.Int).SetUint64(seconds), secondNs)
	return seconds < 1<<63 && later(time, sealed) && (v.now == nil || later(v.now, time))
}

// later says whether a time is not before another, but for the slack.
func later(time, than *big.Int) bool {
	return new(big.Int).Add(time, slackNs).Cmp(than) >= 0
}

// checkPin is step 3.
func (v *verification) checkPin(p *pin) {
	const step = "pin"
	isSame := p.origin == p.note.origin && p.size == p.note.size && p.root == p.note.root
	demand(isSame, 2, step, "pin", "the fields of its note")
	isSigned := false
	for _, one := range p.note.signatures {
		for _, log := range v.trust.logsOf(p.note.origin) {
			isSigned = isSigned || log.made(one) && log.signed(p.note.text, one)
		}
	}
	demand(isSigned, 4, step, "pin", "a note signed by a key of the trust file")
	demand(p.origin == v.checkpoint.origin, 4, step, "checkpoint", "the origin of the pin")
	demand(v.checkpoint.size >= p.size, 4, step, "checkpoint", "a tree not smaller than that of the pin")
	if v.checkpoint.size == p.size {
		demand(v.checkpoint.root == p.note.root, 5, step, "checkpoint", "the root of the pin")
		return
	}
	isFrom := v.consistency != nil && v.consistency.from.text == p.note.text
	demand(isFrom, 3, step, "consistency", "a proof from the pin")
}

// checkConsistency is the end of step 3, for a bundle that has the member, with a pin or without.
func (v *verification) checkConsistency(from *note, proof []hash) {
	const step, at = "pin", "consistency/from"
	demand(from.origin == v.checkpoint.origin && from.size <= v.checkpoint.size, 1, step, at,
		"an earlier checkpoint of this log")
	v.signers(step, at, from)
	isSame := from.size == v.checkpoint.size && from.root == v.checkpoint.root && len(proof) == 0
	isEarlier := from.size > 0 && from.size < v.checkpoint.size &&
		consistent(from.size, from.root, v.checkpoint.size, v.checkpoint.root, proof)
	demand(isSame || isEarlier, 1, step, "consistency/proof", "a proof of consistency")
}

// checkSeal is step 4.
func (v *verification) checkSeal() {
	const step, at = "seal", "seal/record"
	s := parseSeal(step, at, v.bundle.seal.text, v.checkpoint.size-1)
	leaf := leafHash([]byte(v.bundle.seal.text))
	demand(included(leaf, v.bundle.seal.placed, v.checkpoint.size, v.checkpoint.root), 1, step, "seal/proof",
		"a proof of inclusion")
	v.heads = s.heads
	demand(v.now == nil || later(v.now, s.time), 4, step, at, "a time that has come")
	if v.MaxAge != nil {
		age := new(big.Int).Sub(v.now, s.time)
		most := new(big.Int).Mul(big.NewInt(*v.MaxAge), secondNs)
		demand(age.Cmp(most) <= 0, 4, step, at, "a younger seal")
	}
}
