package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// slackNs is how far clocks may differ (§5 steps 2 and 4).
const slackNs = 5 * 60 * secondNs

const secondNs = 1_000_000_000

// verification is one run over one bundle.
type verification struct {
	*bundle
	options
	trust *trust
	now   *int64
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
		v.now = &now
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
	v.checkSeal()
	for i, c := range v.chains {
		v.checkChain(i, c)
	}
	v.checkClaim()
	v.checkAttached()
	v.checkContradictions()
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
	sealed := int64(0)
	if seal, isSeal := readSeal(o); isSeal {
		sealed = seal.time
	}
	signers, spoke := []*key{}, map[*key]bool{}
	for i, one := range v.checkpoint.signatures {
		at := fmt.Sprintf("checkpoint/signatures/%d", i)
		for _, log := range v.trust.logs {
			if log.made(one) {
				demand(log.signed(v.checkpoint.text, one), 1, "trust", at, "a signature that verifies")
				signers = append(signers, log)
			}
		}
		for _, witness := range v.trust.witnesses {
			if witness.made(one) {
				time, ok := witness.cosigned(v.checkpoint.text, one)
				demand(ok, 1, "trust", at, "a cosignature that verifies")
				spoke[witness] = spoke[witness] || v.counts(time, sealed)
			}
		}
	}
	isSigner := func(k *key) bool { return k.name == v.checkpoint.origin && k.holds(v.checkpoint.size) }
	demand(slices.ContainsFunc(signers, isSigner), 4, "trust", "checkpoint", "a signature of the log")
	isQuorum := v.trust.isQuorum(v.trust.quorum, func(k *key) bool { return spoke[k] })
	demand(isQuorum, 4, "trust", "checkpoint", "the quorum "+v.trust.quorum)
}

// counts says whether a cosignature of a time in seconds is about this seal and no later than now.
func (v *verification) counts(seconds uint64, sealed int64) bool {
	isLate := v.now != nil && seconds > uint64(*v.now+slackNs)/secondNs
	return seconds < 1<<63 && !isLate && (seconds > math.MaxInt64/secondNs || int64(seconds)*secondNs >= sealed-slackNs)
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
	demand(consistent(p.size, p.note.root, v.checkpoint.size, v.checkpoint.root, v.consistency.proof), 1,
		step, "consistency/proof", "a proof of consistency")
}

// checkSeal is step 4.
func (v *verification) checkSeal() {
	const step, at = "seal", "seal/record"
	s := parseSeal(step, at, v.bundle.seal.text, v.checkpoint.size-1)
	leaf := leafHash([]byte(v.bundle.seal.text))
	demand(included(leaf, v.bundle.seal.placed, v.checkpoint.size, v.checkpoint.root), 1, step, "seal/proof",
		"a proof of inclusion")
	v.heads = s.heads
	demand(v.now == nil || s.time <= *v.now+slackNs, 4, step, at, "a time that has come")
	if v.MaxAge != nil {
		age := *v.now - s.time
		isOld := age/secondNs > *v.MaxAge || age/secondNs == *v.MaxAge && age%secondNs > 0
		demand(!isOld, 4, step, at, "a younger seal")
	}
}
