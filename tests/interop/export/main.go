// Command exportcheck checks two things of an export that shells are slow at, with code by
// strangers (golang.org/x/mod/sumdb): sealed bytes and hash tiles against the root that a manifest
// signs, and that a log at a later size contains what it was at an earlier one.
//
//	exportcheck item ITEMDIR
//	exportcheck consistency FILE VKEY SHOWN...
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight, chunkSize = 8, 65552

func main() {
	var err error
	switch {
	case len(os.Args) == 3 && os.Args[1] == "item":
		err = item(os.Args[2])
	case len(os.Args) >= 5 && os.Args[1] == "consistency":
		err = consistency(os.Args[2], os.Args[3], os.Args[4:])
	default:
		err = fmt.Errorf("usage: exportcheck item ITEMDIR | exportcheck consistency FILE VKEY SHOWN...")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "exportcheck:", err)
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

// tail gives the checkpoint at the end of a file: all of it, or what follows the empty line after a proof.
func tail(path string) ([]byte, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(file, []byte("c2sp.org/tlog-proof@v1\n")) || bytes.HasPrefix(file, []byte("old ")) {
		_, file, _ = bytes.Cut(file, []byte("\n\n"))
	}
	return file, nil
}

// consistency checks a proof in the form of c2sp.org/tlog-witness against the earlier root, which one of
// the shown files must have signed.
func consistency(path, vkey string, shown []string) error {
	file, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, signed, found := bytes.Cut(file, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || !strings.HasPrefix(lines[0], "old ") {
		return fmt.Errorf("%s: not a consistency proof", path)
	}
	old, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "old "), 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.TreeProof
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	later, err := openCheckpoint(signed, vkey)
	if err != nil {
		return err
	}
	for _, other := range shown {
		signed, err := tail(other)
		if err != nil {
			return err
		}
		earlier, err := openCheckpoint(signed, vkey)
		if err != nil || earlier.N != old {
			continue
		}
		return tlog.CheckTree(proof, later.N, later.Hash, old, earlier.Hash)
	}
	return fmt.Errorf("%s: nothing shows the log at %d", path, old)
}

// tileFiles serves tlog's reader from chunks.tiles, whose paths lack the height, and notes what it read.
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

type manifest struct {
	PrefixLen    int64  `json:"prefix_len"`
	PrefixSha256 string `json:"prefix_sha256"`
	Chunks       int64  `json:"chunks"`
	TotalLen     int64  `json:"total_len"`
	ChunkRoot    string `json:"chunk_root"`
}

// item checks every chunk of sealed.age against the tiles, the tiles against the signed root (the reader
// proves each hash that it gives), and that no other tile lies there.
func item(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		return err
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return err
	}
	root, err := hex.DecodeString(m.ChunkRoot)
	if err != nil || len(root) != tlog.HashSize {
		return fmt.Errorf("chunk_root is no SHA-256")
	}
	tree := tlog.Tree{N: m.Chunks}
	copy(tree.Hash[:], root)
	tiles := tileFiles{filepath.Join(dir, "chunks.tiles"), map[string]bool{}}
	reader := tlog.TileHashReader(tree, tiles)

	file, err := os.Open(filepath.Join(dir, "sealed.age"))
	if err != nil {
		return err
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || info.Size() != m.TotalLen {
		return fmt.Errorf("sealed.age is not %d bytes long", m.TotalLen)
	}
	prefix := make([]byte, m.PrefixLen)
	if _, err := io.ReadFull(file, prefix); err != nil {
		return err
	}
	if sum := sha256.Sum256(prefix); hex.EncodeToString(sum[:]) != m.PrefixSha256 {
		return fmt.Errorf("the prefix of sealed.age is not the signed one")
	}
	chunk := make([]byte, chunkSize)
	for k := int64(0); k < m.Chunks; k++ {
		n, err := io.ReadFull(file, chunk)
		if err != nil && !(err == io.ErrUnexpectedEOF && k == m.Chunks-1) {
			return fmt.Errorf("chunk %d: %w", k, err)
		}
		hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, k)})
		if err != nil {
			return err
		}
		if tlog.RecordHash(chunk[:n]) != hashes[0] {
			return fmt.Errorf("chunk %d of sealed.age is not the signed one", k)
		}
	}
	err = filepath.WalkDir(tiles.dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !tiles.read[path] {
			err = fmt.Errorf("%s: no tile of this tree", path)
		}
		return err
	})
	if err != nil {
		return err
	}
	fmt.Printf("%d chunks, %d tiles: all lead to the signed root\n", m.Chunks, len(tiles.read))
	return nil
}
