package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

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
	proof, err := hashesOf(lines[3:])
	if err != nil {
		return err
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
	proof, err := hashesOf(lines[1:])
	if err != nil {
		return err
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
