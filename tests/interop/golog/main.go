// Command golog checks Comity's custody logs and receipts with code by strangers: the tlog and note
// packages of the Go project (golang.org/x/mod/sumdb). It shares nothing with Comity but the
// published formats.
//
//	golog check LOGDIR VKEY [OLDER-CHECKPOINT...]
//	golog receipt FILE VKEY
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight, tileWidth = 8, 1 << 8

func main() {
	var err error
	switch {
	case len(os.Args) >= 4 && os.Args[1] == "check":
		err = check(os.Args[2], os.Args[3], os.Args[4:])
	case len(os.Args) == 4 && os.Args[1] == "receipt":
		err = receipt(os.Args[2], os.Args[3])
	default:
		err = fmt.Errorf("usage: golog check LOGDIR VKEY [OLDER-CHECKPOINT...] | golog receipt FILE VKEY")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "golog:", err)
		os.Exit(1)
	}
}

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

// tileFiles serves tlog's reader from the files of c2sp.org/tlog-tiles, whose paths lack the height.
type tileFiles struct{ dir string }

func (t tileFiles) Height() int                         { return tileHeight }
func (t tileFiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (t tileFiles) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range tiles {
		file, err := os.ReadFile(filepath.Join(t.dir, strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
		if err != nil {
			return nil, err
		}
		data = append(data, file)
	}
	return data, nil
}

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
	reader := tlog.TileHashReader(tree, tileFiles{dir})
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

// receipt checks a file of c2sp.org/tlog-proof@v1 whose extra line is the entry itself.
func receipt(path, vkey string) error {
	file, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, signed, found := bytes.Cut(file, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" ||
		!strings.HasPrefix(lines[1], "extra ") || !strings.HasPrefix(lines[2], "index ") {
		return fmt.Errorf("%s: not a log proof with its entry", path)
	}
	entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	tree, err := openCheckpoint(signed, vkey)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return err
	}
	fmt.Printf("entry %d of %d: %s\n", index, tree.N, entry)
	return nil
}
