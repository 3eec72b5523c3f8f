package main

import (
	"context"
	"os"

	"filippo.io/torchwood"
	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/tlog"
)

// A C2SP tlog-proof of a record that is attached to a bundle: it holds, and the tools would have
// written the same bytes.
func checkProofFile(_ context.Context, trusted *trust, words []string) (*report, error) {
	text, err := os.ReadFile(words[0])
	if err != nil {
		return nil, err
	}
	given, err := readJSON[bundle](words[1])
	if err != nil {
		return nil, err
	}
	found := &report{}
	var read proof.TLogProof
	if err := read.Unmarshal(text); err != nil {
		found.hears("form", formatsProof, err)
		return found, nil
	}
	found.hears("form", formatsProof, sameBytes("proof", text, read.Marshal()))
	record, err := given.record(read.Index)
	if err != nil {
		return nil, err
	}
	leaf := tlog.RecordHash([]byte(record))
	found.hears("proof", torchwoodLog, torchwood.VerifyProof(trusted.policy, leaf, text))
	steps := make([][]byte, len(read.Hashes))
	hashes := make(tlog.RecordProof, len(read.Hashes))
	for i, hash := range read.Hashes {
		steps[i], hashes[i] = hash[:], hash
	}
	theirs := torchwood.FormatProof(int64(read.Index), hashes, read.Checkpoint)
	found.hears("form", torchwoodLog, sameBytes("proof", text, theirs))
	if checkpoint := trusted.open("checkpoint", read.Checkpoint, found); checkpoint != nil {
		found.Size, found.Root = checkpoint.Size, checkpoint.Hash
		all := tree{checkpoint.Size, checkpoint.Hash}
		all.includes("proof", record, path{read.Index, steps}, found)
	}
	return found, nil
}
