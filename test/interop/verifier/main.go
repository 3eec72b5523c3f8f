// Command verifier checks Vitrine bundles. It is written from docs/reference/log.md alone; the
// numbers of sections in its comments are those of that page.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// refusal is the first failure: it decides the code (§5).
type refusal struct {
	Code     int    `json:"-"`
	Step     string `json:"step"`
	At       string `json:"at"`
	Expected string `json:"expected"`
	Found    string `json:"found,omitempty"`
}

func refuse(code int, step, at, expected, found string) {
	panic(refusal{code, step, at, expected, found})
}

func demand(holds bool, code int, step, at, expected string) {
	if !holds {
		refuse(code, step, at, expected, "")
	}
}

// options are the inputs of §5 beside the bundle.
type options struct {
	Trust  string  `json:"trust"`
	Pin    *string `json:"pin"`
	Now    *string `json:"now"`
	MaxAge *int64  `json:"maxAge"`
	Expect struct {
		Origin  *string `json:"origin"`
		Session *string `json:"session"`
		Chain   *string `json:"chain"`
	} `json:"expect"`
	RequireClosed   bool `json:"requireClosed"`
	RequireLossless bool `json:"requireLossless"`
	RequireParts    bool `json:"requireParts"`
}

type verdict struct {
	ID      string   `json:"id,omitempty"`
	Code    int      `json:"code"`
	Failure *refusal `json:"failure,omitempty"`
}

// verify gives one of the codes, whatever the file holds.
func verify(file []byte, with options) (answer verdict) {
	defer func() {
		if caught := recover(); caught != nil {
			found := caught.(refusal)
			answer = verdict{Code: found.Code, Failure: &found}
		}
	}()
	run(file, with)
	return verdict{}
}

func main() {
	debug.SetGCPercent(25)
	args := os.Args[1:]
	if len(args) == 2 && args[0] == "--cases" {
		cases(args[1])
		return
	}
	file, with, err := parseArguments(args)
	answer := verdict{Code: 2, Failure: &refusal{Step: "form", At: "arguments", Expected: "arguments"}}
	if err == nil {
		answer = verify(file, with)
	} else {
		answer.Failure.Found = err.Error()
	}
	print(answer)
	os.Exit(answer.Code)
}

func print(answer verdict) {
	line, _ := json.Marshal(answer)
	fmt.Println(string(line))
}

func parseArguments(args []string) (file []byte, with options, err error) {
	values := map[string]**string{
		"--now": &with.Now, "--expect-origin": &with.Expect.Origin,
		"--expect-session": &with.Expect.Session, "--expect-chain": &with.Expect.Chain,
	}
	flags := map[string]*bool{
		"--require-closed": &with.RequireClosed, "--require-lossless": &with.RequireLossless,
		"--require-parts": &with.RequireParts,
	}
	now := strconv.FormatInt(time.Now().UnixNano(), 10)
	with.Now = &now
	for i := 0; i < len(args) && err == nil; i++ {
		arg := args[i]
		if flag := flags[arg]; flag != nil {
			*flag = true
			continue
		}
		if !strings.HasPrefix(arg, "--") {
			file, err = os.ReadFile(arg)
			continue
		}
		if i++; i == len(args) {
			return nil, with, fmt.Errorf("%s needs a value", arg)
		}
		switch value := values[arg]; {
		case value != nil:
			*value = &args[i]
		case arg == "--trust":
			with.Trust, err = readText(args[i])
		case arg == "--pin":
			var text string
			text, err = readText(args[i])
			with.Pin = &text
		case arg == "--max-age":
			var seconds int64
			seconds, err = strconv.ParseInt(args[i], 10, 64)
			with.MaxAge = &seconds
		default:
			err = fmt.Errorf("unknown option %s", arg)
		}
	}
	return file, with, err
}

func readText(path string) (string, error) {
	text, err := os.ReadFile(path)
	return string(text), err
}

// cases verifies each DIR/<id>.vitrine.json as DIR/<id>.json says.
func cases(dir string) {
	paths, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	for _, path := range paths {
		if strings.HasSuffix(path, ".vitrine.json") {
			continue
		}
		var one struct {
			ID   string  `json:"id"`
			Args options `json:"args"`
		}
		text, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(text, &one)
		}
		file, missing := os.ReadFile(strings.TrimSuffix(path, ".json") + ".vitrine.json")
		if err != nil || missing != nil {
			fmt.Fprintln(os.Stderr, path, err, missing)
			os.Exit(2)
		}
		answer := verify(file, one.Args)
		answer.ID = one.ID
		print(answer)
	}
}
