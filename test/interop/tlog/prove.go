package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/tessera/client"
	"golang.org/x/mod/sumdb/tlog"
)

// Who makes proofs from the tiles of a log.
type prover interface {
	includes(index uint64) ([][]byte, error)
	extends(size uint64) ([][]byte, error)
}

// A copy of the bundle with new proofs in place of all that are about the log's tree, made from its
// tiles for the bundle's own checkpoint. Proofs that were there are neither read nor kept.
func proveBundle(ctx context.Context, trusted *trust, words []string) (*report, error) {
	text, err := os.ReadFile(words[1])
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	members := map[string]any{}
	if err := decoder.Decode(&members); err != nil {
		return nil, err
	}
	found := &report{}
	signed, _ := members["checkpoint"].(string)
	checkpoint := trusted.open("checkpoint", []byte(signed), found)
	if checkpoint == nil {
		return found, nil
	}
	found.Size, found.Root = checkpoint.Size, checkpoint.Hash
	from, err := openSource(words[0])
	if err != nil {
		return nil, err
	}
	maker, err := proverFor(ctx, from, checkpoint, words[3:])
	if err != nil {
		return nil, err
	}
	if err := replaceProofs(trusted, members, checkpoint.Size, maker, found); err != nil {
		return nil, err
	}
	made, err := plainJSON(members)
	if err != nil {
		return nil, err
	}
	return found, os.WriteFile(words[2], made, 0o600)
}

// Tessera's if asked for, else sumdb/tlog's.
func proverFor(
	ctx context.Context, from *source, checkpoint *log.Checkpoint, words []string,
) (prover, error) {
	if len(words) == 0 {
		all := tlog.Tree{N: int64(checkpoint.Size), Hash: tlog.Hash(checkpoint.Hash)}
		return sumdbProver{all.N, from.hashes(ctx, all)}, nil
	}
	if words[0] != "tessera" {
		return nil, errors.New(usage)
	}
	builder, err := client.NewProofBuilder(ctx, checkpoint.Size, from.tessera.ReadTile)
	return tesseraProver{ctx, checkpoint.Size, builder}, err
}

func replaceProofs(
	trusted *trust, members map[string]any, size uint64, maker prover, found *report,
) error {
	seal, _ := members["seal"].(map[string]any)
	places := []map[string]any{seal}
	indices := []any{json.Number(fmt.Sprint(size - 1))}
	for _, one := range listOf(members["attached"]) {
		places, indices = append(places, one), append(indices, one["index"])
	}
	for _, chain := range listOf(members["chains"]) {
		tip, _ := chain["tip"].(map[string]any)
		places, indices = append(places, tip), append(indices, tip["index"])
	}
	for i, place := range places {
		number, _ := indices[i].(json.Number)
		index, err := number.Int64()
		if err != nil || place == nil {
			return fmt.Errorf("no place for a proof: %v", place)
		}
		if place["proof"], err = maker.includes(uint64(index)); err != nil {
			return err
		}
	}
	consistency, ok := members["consistency"].(map[string]any)
	if !ok {
		return nil
	}
	from, _ := consistency["from"].(string)
	before := trusted.open("pin", []byte(from), found)
	if before == nil {
		return nil
	}
	steps, err := maker.extends(before.Size)
	consistency["proof"] = steps
	return err
}

func listOf(value any) []map[string]any {
	items, _ := value.([]any)
	list := make([]map[string]any, len(items))
	for i, item := range items {
		list[i], _ = item.(map[string]any)
	}
	return list
}

type sumdbProver struct {
	size   int64
	hashes tlog.HashReader
}

func (p sumdbProver) includes(index uint64) ([][]byte, error) {
	steps, err := tlog.ProveRecord(p.size, int64(index), p.hashes)
	return bytesOf(steps), err
}

func (p sumdbProver) extends(size uint64) ([][]byte, error) {
	steps, err := tlog.ProveTree(p.size, int64(size), p.hashes)
	return bytesOf(steps), err
}

func bytesOf(hashes []tlog.Hash) [][]byte {
	list := make([][]byte, len(hashes))
	for i := range hashes {
		list[i] = hashes[i][:]
	}
	return list
}

type tesseraProver struct {
	ctx     context.Context
	size    uint64
	builder *client.ProofBuilder
}

func (p tesseraProver) includes(index uint64) ([][]byte, error) {
	return p.builder.InclusionProof(p.ctx, index)
}

func (p tesseraProver) extends(size uint64) ([][]byte, error) {
	return p.builder.ConsistencyProof(p.ctx, size, p.size)
}
