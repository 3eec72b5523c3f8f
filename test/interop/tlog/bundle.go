package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/proof"
	"golang.org/x/mod/sumdb/tlog"
)

// The members of a bundle that prove something about a tree.
type bundle struct {
	Claim struct {
		Type string `json:"type"`
		Day  string `json:"day"`
	} `json:"claim"`
	Checkpoint string `json:"checkpoint"`
	Seal       struct {
		Record string   `json:"record"`
		Proof  [][]byte `json:"proof"`
	} `json:"seal"`
	Chains []struct {
		Chain   string   `json:"chain"`
		First   uint64   `json:"first"`
		Records []string `json:"records"`
		Tip     path     `json:"tip"`
		Head    *path    `json:"head"`
	} `json:"chains"`
	Attached []struct {
		path
		Record string `json:"record"`
	} `json:"attached"`
	Neighbours []struct {
		path
		Leaf string `json:"leaf"`
	} `json:"neighbours"`
	Consistency *growth `json:"consistency"`
}

type path struct {
	Index uint64   `json:"index"`
	Proof [][]byte `json:"proof"`
}

type growth struct {
	From  string   `json:"from"`
	Proof [][]byte `json:"proof"`
}

// A tree that leaves are proven to be in.
type tree struct {
	Size uint64 `json:"size"`
	Root []byte `json:"root"`
}

func readJSON[T any](file string) (*T, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	value := new(T)
	if err := json.Unmarshal(text, value); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return value, nil
}

// Each proof of a bundle by merkle/proof and by sumdb/tlog; with a pin also that the log only grew.
func checkBundle(_ context.Context, trusted *trust, words []string) (*report, error) {
	given, err := readJSON[bundle](words[0])
	if err != nil {
		return nil, err
	}
	found := &report{}
	checkpoint := trusted.open("checkpoint", []byte(given.Checkpoint), found)
	if checkpoint == nil {
		return found, nil
	}
	found.Size, found.Root = checkpoint.Size, checkpoint.Hash
	if err := given.check(found); err != nil {
		return nil, err
	}
	if len(words) > 1 {
		return found, given.checkGrowth(trusted, words[1], checkpoint, found)
	}
	return found, nil
}

func (b *bundle) check(found *report) error {
	all := tree{found.Size, found.Root}
	all.includes("seal", b.Seal.Record, path{found.Size - 1, b.Seal.Proof}, found)
	for _, one := range b.Attached {
		all.includes(fmt.Sprintf("attached %d", one.Index), one.Record, one.path, found)
	}
	heads, err := b.heads()
	if err != nil {
		return err
	}
	for _, chain := range b.Chains {
		if len(chain.Records) == 0 {
			return fmt.Errorf("no records of %s", chain.Chain)
		}
		last := chain.Records[len(chain.Records)-1]
		all.includes("tip "+chain.Chain, last, chain.Tip, found)
		if chain.Head == nil {
			continue
		}
		leaf, err := plainJSON(struct {
			Chain string `json:"chain"`
			Head  []byte `json:"head"`
			Seq   uint64 `json:"seq"`
		}{chain.Chain, hasher.HashLeaf([]byte(last)), chain.First + uint64(len(chain.Records)) - 1})
		if err != nil {
			return err
		}
		heads.includes("head "+chain.Chain, string(leaf), *chain.Head, found)
	}
	between := heads
	if b.Claim.Type == "inactive" {
		between = b.days()
	}
	for _, one := range b.Neighbours {
		between.includes(fmt.Sprintf("neighbour %d", one.Index), one.Leaf, one.path, found)
	}
	return nil
}

// The tree of the last record of each chain, which the seal commits to.
func (b *bundle) heads() (tree, error) {
	var seal struct {
		Heads tree `json:"heads"`
	}
	return seal.Heads, json.Unmarshal([]byte(b.Seal.Record), &seal)
}

// The tree of the last record of each chain that had one on the day, from that day's seal.
func (b *bundle) days() tree {
	for _, one := range b.Attached {
		var seal struct {
			Kind string `json:"kind"`
			Day  string `json:"day"`
			Days tree   `json:"days"`
		}
		err := json.Unmarshal([]byte(one.Record), &seal)
		if err == nil && seal.Kind == "seal" && seal.Day == b.Claim.Day {
			return seal.Days
		}
	}
	return tree{}
}

func (t tree) includes(what, record string, at path, found *report) {
	leaf := hasher.HashLeaf([]byte(record))
	err := proof.VerifyInclusion(hasher, at.Index, t.Size, leaf, at.Proof, t.Root)
	found.hears(what, merkleProof, err)
	hashes, err := hashesOf(append([][]byte{t.Root}, at.Proof...))
	if err == nil {
		path, root := tlog.RecordProof(hashes[1:]), hashes[0]
		leaf := tlog.RecordHash([]byte(record))
		err = tlog.CheckRecord(path, int64(t.Size), root, int64(at.Index), leaf)
	}
	found.hears(what, sumdbTlog, err)
}

// The checkpoint of the pin is the one that the proof begins with, and the proof holds.
func (b *bundle) checkGrowth(
	trusted *trust, pinFile string, now *log.Checkpoint, found *report,
) error {
	pin, err := readJSON[struct {
		Note string `json:"note"`
	}](pinFile)
	if err != nil {
		return err
	}
	before := trusted.open("pin", []byte(pin.Note), found)
	if before == nil {
		return nil
	}
	if b.Consistency == nil && before.Size == now.Size {
		// Nothing grew, so nothing is to be shown but that it is the same tree.
		b.Consistency = &growth{From: pin.Note}
	}
	if b.Consistency == nil || b.Consistency.From != pin.Note {
		found.hears("consistency", merkleProof, errors.New("the proof is not from the pin"))
		return nil
	}
	steps := b.Consistency.Proof
	err = proof.VerifyConsistency(hasher, before.Size, now.Size, steps, before.Hash, now.Hash)
	found.hears("consistency", merkleProof, err)
	hashes, err := hashesOf(append([][]byte{before.Hash, now.Hash}, steps...))
	if err == nil {
		size, old := int64(now.Size), int64(before.Size)
		err = tlog.CheckTree(tlog.TreeProof(hashes[2:]), size, hashes[1], old, hashes[0])
	}
	found.hears("consistency", sumdbTlog, err)
	return nil
}

func hashesOf(given [][]byte) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(given))
	for i, one := range given {
		if len(one) != tlog.HashSize {
			return nil, fmt.Errorf("a hash of %d bytes", len(one))
		}
		copy(hashes[i][:], one)
	}
	return hashes, nil
}

// One record of the bundle, by its index in the log.
func (b *bundle) record(index uint64) (string, error) {
	for _, one := range b.Attached {
		if one.Index == index {
			return one.Record, nil
		}
	}
	return "", fmt.Errorf("leaf %d is not attached", index)
}

func sameBytes(what string, ours, theirs []byte) error {
	if !bytes.Equal(ours, theirs) {
		return fmt.Errorf("would write another %s", what)
	}
	return nil
}
