package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	noteBytesMax      = 1000000
	noteSignaturesMax = 100
	// Signature types of C2SP signed-note and tlog-cosignature.
	typeEd25519     = 0x01
	typeCosignature = 0x04
)

// note is a checkpoint: a signed note with three lines (C2SP tlog-checkpoint).
type note struct {
	text       string
	origin     string
	size       int64
	root       hash
	signatures []signature
}

type signature struct {
	name string
	id   [4]byte
	data []byte
}

// parseNote reads a checkpoint; the second answer says what is wrong with it.
func parseNote(raw string) (*note, string) {
	if len(raw) > noteBytesMax {
		return nil, "larger than a note may be"
	}
	isControl := func(c rune) bool { return c != '\n' && c < 0x20 || c >= 0x7f && c <= 0x9f }
	if !utf8.ValidString(raw) || strings.ContainsFunc(raw, isControl) {
		return nil, "control characters, or no UTF-8"
	}
	split := strings.LastIndex(raw, "\n\n")
	if split < 0 || !strings.HasSuffix(raw, "\n") {
		return nil, "no signatures"
	}
	n := &note{text: raw[:split+1]}
	lines := strings.Split(n.text, "\n")
	if len(lines) != 4 || lines[0] == "" {
		return nil, "not three lines"
	}
	var ok [2]bool
	n.origin = lines[0]
	n.size, ok[0] = parseCount(lines[1])
	n.root, ok[1] = parseHash(lines[2])
	if ok != [2]bool{true, true} {
		return nil, "no canonical size or root"
	}
	signed := strings.TrimSuffix(raw[split+2:], "\n")
	if strings.Count(signed, "\n") >= noteSignaturesMax {
		return nil, "too many signatures"
	}
	for line := range strings.SplitSeq(signed, "\n") {
		one, ok := parseSignature(line)
		if !ok {
			return nil, "a line that is no signature"
		}
		n.signatures = append(n.signatures, one)
	}
	return n, ""
}

func parseSignature(line string) (one signature, ok bool) {
	rest, ok := strings.CutPrefix(line, "— ")
	name, encoded, found := strings.Cut(rest, " ")
	raw, strict := strictBase64(encoded)
	if !ok || !found || !strict || len(raw) < 5 || !isKeyName(name) {
		return one, false
	}
	return signature{name, [4]byte(raw), raw[4:]}, true
}

func isKeyName(name string) bool {
	isBad := func(c rune) bool { return unicode.IsSpace(c) || c == '+' }
	return name != "" && !strings.ContainsFunc(name, isBad)
}

// parseCount reads a canonical decimal that is not negative and that records could hold.
func parseCount(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 0 && n <= integerMax && strconv.FormatInt(n, 10) == text
}

// key is a verifier key (C2SP signed-note, vkey) with the tree sizes it may sign.
type key struct {
	name      string
	id        [4]byte
	public    []byte
	intervals [][2]int64
}

func parseKey(vkey string, kind byte) (*key, bool) {
	name, rest, _ := strings.Cut(vkey, "+")
	idText, encoded, _ := strings.Cut(rest, "+")
	id, err := hex.DecodeString(idText)
	raw, strict := strictBase64(encoded)
	if err != nil || len(id) != 4 || !strict || !isKeyName(name) ||
		len(raw) != 1+ed25519.PublicKeySize || raw[0] != kind {
		return nil, false
	}
	sum := sha256.Sum256([]byte(name + "\n" + string(raw)))
	return &key{name: name, id: [4]byte(id), public: raw[1:]}, hex.EncodeToString(sum[:4]) == idText
}

func (k *key) made(one signature) bool {
	return k.name == one.name && k.id == one.id
}

// holds says whether the key may sign a tree of this size (§5: half-open intervals).
func (k *key) holds(size int64) bool {
	isIn := func(i [2]int64) bool { return i[0] <= size && size < i[1] }
	return len(k.intervals) == 0 || slices.ContainsFunc(k.intervals, isIn)
}

func (k *key) signed(text string, one signature) bool {
	return len(one.data) == ed25519.SignatureSize && verifies(k.public, text, one.data)
}

// cosigned verifies a cosignature/v1 and gives its time in seconds (C2SP tlog-cosignature).
func (k *key) cosigned(text string, one signature) (uint64, bool) {
	if len(one.data) != 8+ed25519.SignatureSize {
		return 0, false
	}
	time := binary.BigEndian.Uint64(one.data)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return time, verifies(k.public, message, one.data[8:])
}

// The y of the points of small order, little-endian: 0, 1, -1, and those of order 8.
var smallOrder = []string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
}

// The prime 2^255 - 19, little-endian.
var prime = "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"

// verifies is Ed25519 (RFC 8032 §5.1.7, without a cofactor), where Go's own accepts too much: keys
// and R of small order, and encodings of y that are not below the prime (§5.1.3).
func verifies(public []byte, message string, signature []byte) bool {
	return isLarge(public) && isLarge(signature[:32]) &&
		ed25519.Verify(public, []byte(message), signature)
}

func isLarge(point []byte) bool {
	y := slices.Clone(point)
	y[31] &= 0x7f
	small := slices.Contains(smallOrder, hex.EncodeToString(y))
	p, _ := hex.DecodeString(prime)
	slices.Reverse(y)
	slices.Reverse(p)
	return !small && bytes.Compare(y, p) < 0
}
