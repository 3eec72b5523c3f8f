package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
)

const witnessName = "witness.example/w1"

// A copy of the bundle whose checkpoint is signed by sumdb/note with a new key of the same name,
// and cosigned by a witness of torchwood's; and the trust file that has these keys and wants both.
func signBundle(_ context.Context, trusted *trust, words []string) (*report, error) {
	members, err := readJSON[map[string]json.RawMessage](words[0])
	if err != nil {
		return nil, err
	}
	var signed string
	if err := json.Unmarshal((*members)["checkpoint"], &signed); err != nil {
		return nil, err
	}
	found := &report{}
	if trusted.open("checkpoint", []byte(signed), found) == nil {
		return found, nil
	}
	text, _, _ := strings.Cut(signed, "\n\n")
	again, policy, err := signAnew(trusted.origin, text+"\n")
	if err != nil {
		return nil, err
	}
	if (*members)["checkpoint"], err = plainJSON(string(again)); err != nil {
		return nil, err
	}
	made, err := plainJSON(members)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(words[1], made, 0o600); err != nil {
		return nil, err
	}
	return found, os.WriteFile(words[2], policy, 0o600)
}

func signAnew(origin, text string) (signed, policy []byte, err error) {
	secret, vkey, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return nil, nil, err
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		return nil, nil, err
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	witness, err := torchwood.NewCosignatureSigner(witnessName, key)
	if err != nil {
		return nil, nil, err
	}
	signed, err = note.Sign(&note.Note{Text: text}, signer, witness)
	policy = fmt.Appendf(nil, "log %s\nwitness w1 %s\nquorum w1\n", vkey, witness.Verifier())
	return signed, policy, err
}
