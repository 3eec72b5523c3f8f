package main

import (
	"bytes"
	"encoding/json"
)

// One tool's answer about one thing; Says is empty when it agrees.
type answer struct {
	What string `json:"what"`
	Tool string `json:"tool"`
	Says string `json:"says"`
}

// Names of tools, as their import paths have them.
const (
	sumdbNote    = "golang.org/x/mod/sumdb/note"
	sumdbTlog    = "golang.org/x/mod/sumdb/tlog"
	formatsLog   = "github.com/transparency-dev/formats/log"
	formatsProof = "github.com/transparency-dev/formats/proof"
	merkleRange  = "github.com/transparency-dev/merkle/compact"
	merkleProof  = "github.com/transparency-dev/merkle/proof"
	tesseraCheck = "github.com/transparency-dev/tessera/fsck"
	torchwoodLog = "filippo.io/torchwood"
)

// A report is printed as JSON.
type report struct {
	Size  uint64 `json:"size"`
	Root  []byte `json:"root"`
	Tiles []tile `json:"tiles,omitempty"`
	// At least one: a command that asks nobody has found nothing.
	Answers []answer `json:"answers"`
}

// Counts of one level of the tree; level -1 are the entry bundles.
type tile struct {
	Level   int    `json:"level"`
	Full    uint64 `json:"full"`
	Partial uint64 `json:"partial"`
}

func (r *report) hears(what, tool string, err error) {
	says := ""
	if err != nil {
		says = err.Error()
	}
	r.Answers = append(r.Answers, answer{what, tool, says})
}

func (r *report) agrees() bool {
	for _, one := range r.Answers {
		if one.Says != "" {
			return false
		}
	}
	return len(r.Answers) > 0
}

func (r *report) String() string {
	text, err := plainJSON(r)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// JSON with `<`, `>` and `&` as they are, as RFC 8785 wants them.
func plainJSON(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}
