package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// slackNs is how far clocks may differ (§5 steps 2 and 4).
const slackNs = 5 * 60 * 1_000_000_000

// verification is one run over one bundle.
type verification struct {
	*bundle
	options
	trust *trust
	now   int64
	heads *tree
	// Records of attached leaves, nil where a leaf is a seal.
	beside []*record
}

// run goes through the steps of §5 in their order and panics with the first refusal.
func run(file []byte, with options) {
	v := &verification{options: with}
	v.now, _ = clock(with.Now)
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

// pin is a checkpoint that the auditor kept.
type pin struct {
	Origin string `json:"origin"`
	Size   int64  `json:"size"`
	Root   string `json:"root"`
	Note   string `json:"note"`
	note   *note
}

// parsePin reads a pin; nil when there is none. That its fields equal its note is step 3.
func parsePin(text string) *pin {
	if text == "" {
		return nil
	}
	p := &pin{}
	demand(len(text) <= trustBytesMax && json.Unmarshal([]byte(text), p) == nil, 2, "form", "pin", "a pin")
	var why string
	p.note, why = parseNote(p.Note)
	demand(p.note != nil, 2, "form", "pin", why)
	return p
}

// checkExpected is the end of step 1.
func (v *verification) checkExpected() {
	demand(v.Expect.Origin == "" || v.Expect.Origin == v.checkpoint.origin, 4, "form", "checkpoint",
		"the origin "+v.Expect.Origin)
	session := v.claim.session
	if v.claim.kind == "range" {
		session, _, _ = strings.Cut(v.claim.chain, "/")
	}
	demand(v.Expect.Session == "" || v.Expect.Session == session, 4, "form", "claim",
		"the session "+v.Expect.Session)
	demand(v.Expect.Chain == "" || v.Expect.Chain == v.claim.chain, 4, "form", "claim",
		"the chain "+v.Expect.Chain)
}

// checkTrust is step 2.
func (v *verification) checkTrust() {
	logs := v.trust.logsOf(v.checkpoint.origin)
	demand(len(logs) > 0, 4, "trust", "checkpoint", "a log of the trust file")
	seal, _ := parseValue(v.seal.text)
	o, _ := seal.(*object)
	sealed, _ := parseTime(o.text("t"))
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
				if time < 1<<33 && int64(time)*1e9 >= sealed-slackNs && int64(time)*1e9 <= v.now+slackNs {
					spoke[witness] = true
				}
			}
		}
	}
	isSigner := func(k *key) bool { return k.name == v.checkpoint.origin && k.holds(v.checkpoint.size) }
	demand(slices.ContainsFunc(signers, isSigner), 4, "trust", "checkpoint", "a signature of the log")
	isQuorum := v.trust.isQuorum(v.trust.quorum, func(k *key) bool { return spoke[k] })
	demand(isQuorum, 4, "trust", "checkpoint", "the quorum "+v.trust.quorum)
}

// checkPin is step 3.
func (v *verification) checkPin(p *pin) {
	const step = "pin"
	isSame := p.Origin == p.note.origin && p.Size == p.note.size && p.Root == p.note.root.String()
	demand(isSame, 2, step, "pin", "the fields of its note")
	isSigned := false
	for _, one := range p.note.signatures {
		for _, log := range v.trust.logsOf(p.note.origin) {
			isSigned = isSigned || log.made(one) && log.holds(p.Size) && log.signed(p.note.text, one)
		}
	}
	demand(isSigned, 4, step, "pin", "a note signed by a key of the trust file")
	demand(p.Origin == v.checkpoint.origin, 4, step, "checkpoint", "the origin of the pin")
	demand(v.checkpoint.size >= p.Size, 4, step, "checkpoint", "a tree not smaller than that of the pin")
	if v.checkpoint.size == p.Size {
		demand(v.checkpoint.root == p.note.root, 5, step, "checkpoint", "the root of the pin")
		return
	}
	isFrom := v.consistency != nil && v.consistency.from.text == p.note.text
	demand(isFrom, 3, step, "consistency", "a proof from the pin")
	demand(consistent(p.Size, p.note.root, v.checkpoint.size, v.checkpoint.root, v.consistency.proof), 1,
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
	demand(s.time <= v.now+slackNs, 4, step, at, "a time that has come")
	if v.MaxAge != nil {
		demand(v.now-s.time <= *v.MaxAge*1e9, 4, step, at, "a younger seal")
	}
}
