package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"

	"filippo.io/torchwood"
	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/api/layout"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/tlog"
)

// More than one: with one, tessera's check never ends after a mismatch.
const workers = 4

var hasher = rfc6962.DefaultHasher

// Each tool recomputes the whole tree from the entries and compares it with tiles and checkpoint.
func checkTree(ctx context.Context, trusted *trust, words []string) (*report, error) {
	found := &report{}
	from, _, checkpoint, err := checkpointOf(ctx, trusted, words[0], found)
	if errors.Is(err, errUntrusted) {
		return found, nil
	}
	if err != nil {
		return nil, err
	}
	// What the tools then ask for one after the other is there already.
	read := func(string, []byte) error { return nil }
	if err := from.readAll(ctx, checkpoint.Size, read); err != nil {
		return nil, err
	}
	found.hears("tree", merkleRange, recompute(ctx, from, checkpoint, found))
	check := fsck.New(trusted.origin, trusted.verifier, from.tessera, leavesOf, fsck.Opts{N: workers})
	found.hears("tree", tesseraCheck, check.Check(ctx))
	tree := tlog.Tree{N: int64(checkpoint.Size), Hash: tlog.Hash(checkpoint.Hash)}
	found.hears("tree", sumdbTlog, readProven(ctx, from, tree))
	found.hears("tree", torchwoodLog, readEntries(ctx, from, tree))
	return found, nil
}

// Every inner hash by transparency-dev's compact ranges; lengths are exact, which no tool checks.
func recompute(
	ctx context.Context, from *source, checkpoint *log.Checkpoint, found *report,
) error {
	nodes := map[compact.NodeID][]byte{}
	keep := func(id compact.NodeID, hash []byte) {
		if id.Level%layout.TileHeight == 0 {
			nodes[id] = hash
		}
	}
	factory := compact.RangeFactory{Hash: hasher.HashChildren}
	tree := factory.NewEmptyRange(0)
	count := tile{Level: -1}
	for n, partial := range tilesOf(checkpoint.Size, 0) {
		data, err := from.tessera.ReadEntryBundle(ctx, n, partial)
		if err != nil {
			return err
		}
		hashes, err := leavesOf(data)
		if err != nil {
			return err
		}
		if len(hashes) != widthOf(partial) {
			return fmt.Errorf("%d entries in %s", len(hashes), layout.EntriesPath(n, partial))
		}
		count.add(partial)
		for _, hash := range hashes {
			if err := tree.Append(hash, keep); err != nil {
				return err
			}
		}
	}
	found.Tiles = append(found.Tiles, count)
	root, err := tree.GetRootHash(nil)
	if err != nil {
		return err
	}
	if !bytes.Equal(root, checkpoint.Hash) {
		return fmt.Errorf("the entries have the root %x, signed is %x", root, checkpoint.Hash)
	}
	for level := range levelsOf(checkpoint.Size) {
		if err := compareLevel(ctx, from, checkpoint.Size, level, nodes, found); err != nil {
			return err
		}
	}
	return nil
}

func compareLevel(
	ctx context.Context, from *source, size, level uint64,
	nodes map[compact.NodeID][]byte, found *report,
) error {
	count := tile{Level: int(level)}
	for n, partial := range tilesOf(size, level) {
		var want []byte
		for i := range widthOf(partial) {
			height, index := uint(level*layout.TileHeight), n*layout.TileWidth+uint64(i)
			want = append(want, nodes[compact.NewNodeID(height, index)]...)
		}
		data, err := from.tessera.ReadTile(ctx, level, n, partial)
		if err != nil {
			return err
		}
		if !bytes.Equal(data, want) {
			return fmt.Errorf("%s is not what its entries give", layout.TilePath(level, n, partial))
		}
		count.add(partial)
	}
	found.Tiles = append(found.Tiles, count)
	return nil
}

// sumdb/tlog: the root from the tree's edge, and each leaf hash proven under it by its tiles.
func readProven(ctx context.Context, from *source, tree tlog.Tree) error {
	hashes := from.hashes(ctx, tree)
	root, err := tlog.TreeHash(tree.N, hashes)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("the tiles have the root %v, signed is %v", root, tree.Hash)
	}
	indices := make([]int64, tree.N)
	for i := range indices {
		indices[i] = tlog.StoredHashIndex(0, int64(i))
	}
	leaves, err := hashes.ReadHashes(indices)
	if err != nil {
		return err
	}
	for n, partial := range tilesOf(uint64(tree.N), 0) {
		data, err := from.tessera.ReadEntryBundle(ctx, n, partial)
		if err != nil {
			return err
		}
		for len(data) > 0 {
			var entry []byte
			if entry, data, err = torchwood.ReadTileEntry(data); err != nil {
				return err
			}
			if len(leaves) == 0 || tlog.RecordHash(entry) != leaves[0] {
				return fmt.Errorf("entry %d is not what the tree has", tree.N-int64(len(leaves)))
			}
			leaves = leaves[1:]
		}
	}
	if len(leaves) > 0 {
		return fmt.Errorf("%d entries are missing", len(leaves))
	}
	return nil
}

func readEntries(ctx context.Context, from *source, tree tlog.Tree) error {
	reader, err := torchwood.NewClient(from.torchwood)
	if err != nil {
		return err
	}
	read := int64(0)
	for range reader.AllEntries(ctx, tree, 0) {
		read++
	}
	if err := reader.Err(); err != nil {
		return err
	}
	if read != tree.N {
		return fmt.Errorf("%d entries of %d", read, tree.N)
	}
	return nil
}

func leavesOf(data []byte) ([][]byte, error) {
	var entries api.EntryBundle
	if err := entries.UnmarshalText(data); err != nil {
		return nil, err
	}
	hashes := make([][]byte, len(entries.Entries))
	for i, entry := range entries.Entries {
		hashes[i] = hasher.HashLeaf(entry)
	}
	return hashes, nil
}

// Levels of tiles that a tree of this size has.
func levelsOf(size uint64) uint64 {
	levels := uint64(0)
	for rest := size; rest > 0; rest /= layout.TileWidth {
		levels++
	}
	return levels
}

// Tiles of a level: each one's number, and its width if it is partial, else 0.
func tilesOf(size, level uint64) iter.Seq2[uint64, uint8] {
	hashes := size >> (level * layout.TileHeight)
	return func(yield func(uint64, uint8) bool) {
		for n := uint64(0); n*layout.TileWidth < hashes; n++ {
			if !yield(n, layout.PartialTileSize(level, n, size)) {
				return
			}
		}
	}
}

func widthOf(partial uint8) int {
	if partial == 0 {
		return layout.TileWidth
	}
	return int(partial)
}

func (t *tile) add(partial uint8) {
	if partial == 0 {
		t.Full++
	} else {
		t.Partial++
	}
}
