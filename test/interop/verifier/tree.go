package main

import (
	"crypto/sha256"
	"encoding/base64"
	"math/bits"
)

type hash [sha256.Size]byte

// Prefixes of what is hashed (§1; RFC 6962 §2.1).
const (
	leafPrefix = "\x00"
	nodePrefix = "\x01"
	partPrefix = "\x02"
)

func leafHash(leaf []byte) hash {
	return sha256.Sum256(append([]byte(leafPrefix), leaf...))
}

func nodeHash(left, right hash) hash {
	return sha256.Sum256(append(append([]byte(nodePrefix), left[:]...), right[:]...))
}

// strictBase64 decodes, encodes again and compares (§ before 1).
func strictBase64(text string) ([]byte, bool) {
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	return raw, err == nil && base64.StdEncoding.EncodeToString(raw) == text
}

func parseHash(text string) (hash, bool) {
	raw, ok := strictBase64(text)
	if !ok || len(raw) != sha256.Size {
		return hash{}, false
	}
	return hash(raw), true
}

func (h hash) String() string {
	return base64.StdEncoding.EncodeToString(h[:])
}

// placed is a path to the root from a leaf at an index.
type placed struct {
	index int64
	proof []hash
}

// included verifies an inclusion proof (RFC 9162 §2.1.3.2).
func included(leaf hash, at placed, size int64, root hash) bool {
	if at.index >= size {
		return false
	}
	index, last, found := uint64(at.index), uint64(size-1), leaf
	for _, next := range at.proof {
		if last == 0 {
			return false
		}
		if index&1 == 1 || index == last {
			found = nodeHash(next, found)
			if index&1 == 0 {
				skip := bits.TrailingZeros64(index)
				index, last = index>>skip, last>>skip
			}
		} else {
			found = nodeHash(found, next)
		}
		index, last = index>>1, last>>1
	}
	return last == 0 && found == root
}

// consistent verifies a consistency proof between two sizes, 0 < from < to (RFC 9162 §2.1.4.2).
func consistent(from int64, fromRoot hash, to int64, toRoot hash, proof []hash) bool {
	if from&(from-1) == 0 {
		proof = append([]hash{fromRoot}, proof...)
	}
	if len(proof) == 0 {
		return false
	}
	index, last := uint64(from-1), uint64(to-1)
	skip := bits.TrailingZeros64(^index)
	index, last = index>>skip, last>>skip
	oldRoot, newRoot := proof[0], proof[0]
	for _, next := range proof[1:] {
		if last == 0 {
			return false
		}
		if index&1 == 1 || index == last {
			oldRoot, newRoot = nodeHash(next, oldRoot), nodeHash(next, newRoot)
			for index&1 == 0 && index != 0 {
				index, last = index>>1, last>>1
			}
		} else {
			newRoot = nodeHash(newRoot, next)
		}
		index, last = index>>1, last>>1
	}
	return last == 0 && oldRoot == fromRoot && newRoot == toRoot
}
