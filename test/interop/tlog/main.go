// Command vitrine-tlog checks a log of Vitrine with the tools that others made for such logs:
// Go's sumdb/note and sumdb/tlog, transparency-dev's formats, merkle and tessera, and torchwood. Of
// Vitrine it knows the addresses of a log and the members of a bundle that hold proofs.
//
// It prints what each tool says and ends with 0 if all agree, 1 if one refuses, 2 if it cannot ask.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"k8s.io/klog/v2"
)

const usage = `usage: vitrine-tlog checkpoint TRUST LOG
       vitrine-tlog tree TRUST LOG
       vitrine-tlog fetch TRUST LOG DIRECTORY
       vitrine-tlog bundle TRUST BUNDLE [PIN]
       vitrine-tlog proof TRUST PROOF BUNDLE
       vitrine-tlog prove TRUST LOG BUNDLE NEW-BUNDLE [tessera]
       vitrine-tlog sign TRUST BUNDLE NEW-BUNDLE NEW-TRUST
LOG is http://HOST:PORT/log/NAME, with a token in TLOG_TOKEN, or what fetch made.`

// A tool that waits for ever must not keep its caller waiting.
const deadline = 5 * time.Minute

// A command is given its words after the trust file.
type command struct {
	least, most int
	run         func(context.Context, *trust, []string) (*report, error)
}

var commands = map[string]command{
	"checkpoint": {1, 1, checkCheckpoint},
	"tree":       {1, 1, checkTree},
	"fetch":      {2, 2, fetchLog},
	"bundle":     {1, 2, checkBundle},
	"proof":      {2, 2, checkProofFile},
	"prove":      {3, 4, proveBundle},
	"sign":       {3, 3, signBundle},
}

func main() {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	found, err := run(ctx, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	fmt.Println(found)
	if !found.agrees() {
		os.Exit(1)
	}
}

func run(ctx context.Context, words []string) (*report, error) {
	if len(words) < 2 {
		return nil, errors.New(usage)
	}
	chosen, known := commands[words[0]]
	rest := words[2:]
	if !known || len(rest) < chosen.least || len(rest) > chosen.most {
		return nil, errors.New(usage)
	}
	trusted, err := readTrust(words[1])
	if err != nil {
		return nil, err
	}
	return chosen.run(ctx, trusted, rest)
}
