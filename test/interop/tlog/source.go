package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"

	"filippo.io/torchwood"
	"github.com/transparency-dev/tessera/api/layout"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/errgroup"
)

const (
	tokenVariable = "TLOG_TOKEN"
	requestsMax   = 8
)

// The same log as tessera, torchwood and sumdb/tlog want to read it.
type source struct {
	tessera   fsck.Fetcher
	torchwood torchwood.TileReader
}

// Opens a log that is served, or a directory with the files of one.
func openSource(place string) (*source, error) {
	if !strings.HasPrefix(place, "http") {
		files, err := torchwood.NewTileFS(os.DirFS(place))
		return &source{client.FileFetcher{Root: place}, files}, err
	}
	base, err := url.Parse(strings.TrimSuffix(place, "/") + "/")
	if err != nil {
		return nil, err
	}
	bearer := "Bearer " + os.Getenv(tokenVariable)
	reading := &http.Client{Transport: &transport{bearer: bearer}}
	theirs, err := client.NewHTTPFetcher(base, reading)
	if err != nil {
		return nil, err
	}
	tiles, err := torchwood.NewTileFetcher(
		base.String(),
		torchwood.WithHTTPClient(reading),
		torchwood.WithConcurrencyLimit(requestsMax),
	)
	return &source{theirs, tiles}, err
}

// Adds the token, which torchwood's client does not know, and keeps what the log calls immutable:
// each tool reads the whole log, which is fetched once.
type transport struct {
	bearer string
	kept   sync.Map
}

func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	address := request.URL.String()
	if body, known := t.kept.Load(address); known {
		return answerWith(request, body.([]byte)), nil
	}
	own := request.Clone(request.Context())
	own.Header.Set("Authorization", t.bearer)
	answer, err := http.DefaultTransport.RoundTrip(own)
	immutable := err == nil && answer.StatusCode == http.StatusOK &&
		strings.Contains(answer.Header.Get("Cache-Control"), "immutable")
	if !immutable {
		return answer, err
	}
	body, err := io.ReadAll(answer.Body)
	if closeErr := answer.Body.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, err
	}
	t.kept.Store(address, body)
	return answerWith(request, body), nil
}

func answerWith(request *http.Request, body []byte) *http.Response {
	return &http.Response{
		Status:        "200 OK",
		StatusCode:    http.StatusOK,
		Proto:         request.Proto,
		Header:        http.Header{},
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
		Request:       request,
	}
}

// Reads each entry bundle and tile of a tree, several at once.
func (s *source) readAll(
	ctx context.Context, size uint64, put func(name string, data []byte) error,
) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(requestsMax)
	for n, partial := range tilesOf(size, 0) {
		group.Go(func() error {
			data, err := s.tessera.ReadEntryBundle(ctx, n, partial)
			if err != nil {
				return err
			}
			return put(layout.EntriesPath(n, partial), data)
		})
	}
	for level := range levelsOf(size) {
		for n, partial := range tilesOf(size, level) {
			group.Go(func() error {
				data, err := s.tessera.ReadTile(ctx, level, n, partial)
				if err != nil {
					return err
				}
				return put(layout.TilePath(level, n, partial), data)
			})
		}
	}
	return group.Wait()
}

// sumdb/tlog over what tessera fetches: hashes come out only after they were proven in the tree.
func (s *source) hashes(ctx context.Context, tree tlog.Tree) tlog.HashReader {
	return tlog.TileHashReader(tree, tileReader{ctx, s.tessera})
}

type tileReader struct {
	ctx   context.Context
	tiles fsck.Fetcher
}

func (tileReader) Height() int { return torchwood.TileHeight }

func (r tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, one := range tiles {
		// A full tile has the width 256, which is 0 here as in the path.
		hashes, err := r.tiles.ReadTile(r.ctx, uint64(one.L), uint64(one.N), uint8(one.W))
		if err != nil {
			return nil, err
		}
		data[i] = hashes
	}
	return data, nil
}

func (tileReader) SaveTiles([]tlog.Tile, [][]byte) {}
