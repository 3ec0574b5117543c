package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
)

const chunkSize = 65552 // sealed, with its tag

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
