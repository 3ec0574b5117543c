package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// entriesAt reads the bundle that begins at entry `first` of a log of `size` entries.
func entriesAt(dir string, first, size int64) (entries [][]byte, err error) {
	width := size - first
	if width > tileWidth {
		width = tileWidth
	}
	tile := tlog.Tile{H: tileHeight, L: 0, N: first / tileWidth, W: int(width)}
	path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	rest, err := os.ReadFile(filepath.Join(dir, path))
	if err != nil {
		return nil, err
	}
	for len(rest) >= 2 {
		n := int(binary.BigEndian.Uint16(rest))
		if len(rest) < 2+n {
			break
		}
		entries, rest = append(entries, rest[2:2+n]), rest[2+n:]
	}
	if len(rest) != 0 || int64(len(entries)) != width {
		return nil, fmt.Errorf("%s: not %d whole entries", path, width)
	}
	return entries, nil
}

func check(dir, vkey string, older []string) error {
	signed, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	tree, err := openCheckpoint(signed, vkey)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, tileFiles{dir, map[string]bool{}})
	for first := int64(0); first < tree.N; first += tileWidth {
		entries, err := entriesAt(dir, first, tree.N)
		if err != nil {
			return err
		}
		// The reader proves each hash that it gives to be in the tree.
		var indexes []int64
		for i := range entries {
			indexes = append(indexes, tlog.StoredHashIndex(0, first+int64(i)))
		}
		hashes, err := reader.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for i, entry := range entries {
			if tlog.RecordHash(entry) != hashes[i] {
				return fmt.Errorf("entry %d is not the one in the tree", first+int64(i))
			}
		}
		last := first + int64(len(entries)) - 1
		proof, err := tlog.ProveRecord(tree.N, last, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, last, hashes[len(hashes)-1]); err != nil {
			return err
		}
	}
	for _, path := range older {
		signed, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		old, err := openCheckpoint(signed, vkey)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveTree(tree.N, old.N, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	fmt.Printf("%d entries, %d older checkpoints: all proven\n", tree.N, len(older))
	return nil
}
