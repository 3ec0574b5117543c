package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight, tileWidth = 8, 1 << 8

// openCheckpoint verifies the note and reads its three lines (c2sp.org/tlog-checkpoint).
func openCheckpoint(signed []byte, vkey string) (tree tlog.Tree, err error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != verifier.Name() {
		return tree, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// hashesOf reads a line of base64 for each hash.
func hashesOf(lines []string) (hashes []tlog.Hash, err error) {
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

// tileFiles serves tlog's reader from the files of c2sp.org/tlog-tiles, whose paths lack the height, and notes what it read.
type tileFiles struct {
	dir  string
	read map[string]bool
}

func (t tileFiles) Height() int                         { return tileHeight }
func (t tileFiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (t tileFiles) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range tiles {
		path := filepath.Join(t.dir, strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
		file, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		t.read[path] = true
		data = append(data, file)
	}
	return data, nil
}
