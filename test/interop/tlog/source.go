package main

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"strings"

	"filippo.io/torchwood"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/tlog"
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
	theirs, err := client.NewHTTPFetcher(base, nil)
	if err != nil {
		return nil, err
	}
	theirs.SetAuthorizationHeader(bearer)
	tiles, err := torchwood.NewTileFetcher(
		base.String(),
		torchwood.WithHTTPClient(&http.Client{Transport: withBearer(bearer)}),
		torchwood.WithConcurrencyLimit(requestsMax),
	)
	return &source{theirs, tiles}, err
}

// Torchwood's client knows no tokens.
type withBearer string

func (bearer withBearer) RoundTrip(request *http.Request) (*http.Response, error) {
	own := request.Clone(request.Context())
	own.Header.Set("Authorization", string(bearer))
	return http.DefaultTransport.RoundTrip(own)
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
		bytes, err := r.tiles.ReadTile(r.ctx, uint64(one.L), uint64(one.N), uint8(one.W))
		if err != nil {
			return nil, err
		}
		data[i] = bytes
	}
	return data, nil
}

func (tileReader) SaveTiles([]tlog.Tile, [][]byte) {}
