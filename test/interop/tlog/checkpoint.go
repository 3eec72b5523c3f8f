package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/tessera/api/layout"
)

var errUntrusted = errors.New("the checkpoint is not the log's")

// The checkpoint that a log has now.
func checkCheckpoint(ctx context.Context, trusted *trust, words []string) (*report, error) {
	found := &report{}
	_, _, _, err := checkpointOf(ctx, trusted, words[0], found)
	if errors.Is(err, errUntrusted) {
		err = nil
	}
	return found, err
}

func checkpointOf(
	ctx context.Context, trusted *trust, place string, found *report,
) (*source, []byte, *log.Checkpoint, error) {
	from, err := openSource(place)
	if err != nil {
		return nil, nil, nil, err
	}
	signed, err := from.tessera.ReadCheckpoint(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	checkpoint := trusted.open("checkpoint", signed, found)
	if checkpoint == nil {
		return nil, nil, nil, errUntrusted
	}
	found.Size, found.Root = checkpoint.Size, checkpoint.Hash
	return from, signed, checkpoint, nil
}

// Copies the checkpoint and all that its tree has, under the names of tlog-tiles.
func fetchLog(ctx context.Context, trusted *trust, words []string) (*report, error) {
	found := &report{}
	from, signed, checkpoint, err := checkpointOf(ctx, trusted, words[0], found)
	if err != nil {
		return nil, err
	}
	put := func(name string, data []byte) error {
		path := filepath.Join(words[1], name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		return os.WriteFile(path, data, 0o600)
	}
	if err := put(layout.CheckpointPath, signed); err != nil {
		return nil, err
	}
	return found, from.readAll(ctx, checkpoint.Size, put)
}
