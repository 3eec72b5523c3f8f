package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"filippo.io/torchwood"
	"github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
)

// A trust file (C2SP tlog-policy) with one log.
type trust struct {
	origin   string
	verifier note.Verifier
	// The whole file, as torchwood reads it.
	policy torchwood.Policy
}

func readTrust(file string) (*trust, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	policy, err := torchwood.ParsePolicy(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var vkeys []string
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == "log" {
			vkeys = append(vkeys, words[1])
		}
	}
	if len(vkeys) != 1 {
		return nil, fmt.Errorf("%s names %d logs, not one", file, len(vkeys))
	}
	verifier, err := note.NewVerifier(vkeys[0])
	if err != nil {
		return nil, err
	}
	return &trust{verifier.Name(), verifier, policy}, nil
}

// Opens a checkpoint with each tool. The result is nil when formats/log refuses it.
func (t *trust) open(what string, signed []byte, found *report) *log.Checkpoint {
	_, err := note.Open(signed, note.VerifierList(t.verifier))
	found.hears(what, sumdbNote, err)
	theirs, _, err := torchwood.VerifyCheckpoint(signed, t.policy)
	found.hears(what, torchwoodLog, err)
	checkpoint, rest, _, openErr := log.ParseCheckpoint(signed, t.origin, t.verifier)
	if openErr == nil && len(rest) > 0 {
		openErr = fmt.Errorf("%d bytes after the root", len(rest))
	}
	found.hears(what, formatsLog, openErr)
	if openErr != nil {
		return nil
	}
	same := uint64(theirs.N) == checkpoint.Size && bytes.Equal(theirs.Hash[:], checkpoint.Hash)
	if err == nil && !same {
		found.hears(what, torchwoodLog, errors.New("reads another size or root than formats/log"))
	}
	return checkpoint
}
