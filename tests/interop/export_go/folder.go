package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
	// No file of an export is longer: 256 entries of 4 KiB; their objects.
	longestFile = 512 << 20
)

// openCheckpoint opens FOLDER/checkpoint, a C2SP tlog-checkpoint that one of the keys signed.
func openCheckpoint(folder string, vkeys []string) (tree tlog.Tree, origin string, err error) {
	var verifiers []note.Verifier
	for _, vkey := range vkeys {
		verifier, err := note.NewVerifier(vkey)
		if err != nil {
			return tree, "", fmt.Errorf("%q: %w", vkey, err)
		}
		verifiers = append(verifiers, verifier)
	}
	signed, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return tree, "", err
	}
	opened, err := note.Open(signed, note.VerifierList(verifiers...))
	if err != nil {
		return tree, "", err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 {
		return tree, "", errors.New("fewer than three lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return tree, "", fmt.Errorf("size %q", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil || base64.StdEncoding.EncodeToString(root[:]) != lines[2] {
		return tree, "", fmt.Errorf("root %q", lines[2])
	}
	for _, signature := range opened.Sigs {
		if signature.Name == lines[0] {
			return tlog.Tree{N: size, Hash: root}, lines[0], nil
		}
	}
	return tree, "", fmt.Errorf("not signed under the name of its origin %q", lines[0])
}

// tilePath is the path of C2SP tlog-tiles: as sumdb's own, but without the height.
func tilePath(tile tlog.Tile) string {
	return "tile/" + strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
}

// besides gives the path of what stands beside tile N of level 0: "tile/entries", "objects".
func besides(tile tlog.Tile, kind string) string {
	return kind + strings.TrimPrefix(tilePath(tile), "tile/0")
}

func read(folder, path string) ([]byte, error) {
	name := filepath.Join(folder, filepath.FromSlash(path))
	about, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if about.Size() > longestFile {
		return nil, fmt.Errorf("%s: longer than %d bytes", path, longestFile)
	}
	return os.ReadFile(name)
}

func readTile(folder string, tile tlog.Tile) ([]byte, error) {
	data, err := read(folder, tilePath(tile))
	if err != nil {
		return nil, err
	}
	if len(data) != tile.W*tlog.HashSize {
		return nil, fmt.Errorf("%s: %d bytes, not %d hashes", tilePath(tile), len(data), tile.W)
	}
	return data, nil
}

// folderTiles reads the tiles of a folder for tlog.TileHashReader.
type folderTiles string

func (f folderTiles) Height() int { return height }

func (f folderTiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		var err error
		if data[i], err = readTile(string(f), tile); err != nil {
			return nil, err
		}
	}
	return data, nil
}

func (f folderTiles) SaveTiles([]tlog.Tile, [][]byte) {}

// readEntries hashes every leaf of the bundles, and compares it with its tile. It also
// compares every object with the digest that it is filed under.
func readEntries(folder string, size int64) (stored hashes, objects int, err error) {
	for first := int64(0); first < size; first += width {
		tile := tlog.Tile{H: height, L: 0, N: first / width, W: width}
		if size-first < width {
			tile.W = int(size - first)
		}
		level0, err := readTile(folder, tile)
		if err != nil {
			return nil, 0, err
		}
		path := besides(tile, "tile/entries")
		bundle, err := read(folder, path)
		if err != nil {
			return nil, 0, err
		}
		for i := 0; i < tile.W; i++ {
			index := first + int64(i)
			if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
				return nil, 0, fmt.Errorf("entry %d: %s ends within it", index, path)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			leaf := tlog.RecordHash(bundle[2:end])
			bundle = bundle[end:]
			if string(leaf[:]) != string(level0[i*tlog.HashSize:(i+1)*tlog.HashSize]) {
				return nil, 0, fmt.Errorf("entry %d: its hash is not the one in %s", index, tilePath(tile))
			}
			more, err := tlog.StoredHashesForRecordHash(index, leaf, stored)
			if err != nil {
				return nil, 0, err
			}
			stored = append(stored, more...)
		}
		if len(bundle) != 0 {
			return nil, 0, fmt.Errorf("%s: %d bytes after its last entry", path, len(bundle))
		}
		count, err := checkObjects(folder, besides(tile, "objects"))
		if err != nil {
			return nil, 0, err
		}
		objects += count
	}
	return stored, objects, nil
}

func checkObjects(folder, path string) (count int, err error) {
	data, err := read(folder, path)
	if err != nil {
		return 0, err
	}
	for ; len(data) != 0; count++ {
		if len(data) < 36 || len(data)-36 < int(binary.BigEndian.Uint32(data[32:])) {
			return 0, fmt.Errorf("%s: ends within object %d", path, count)
		}
		end := 36 + int(binary.BigEndian.Uint32(data[32:]))
		if digest := sha256.Sum256(data[36:end]); string(digest[:]) != string(data[:32]) {
			return 0, fmt.Errorf("%s: object %d is not the one of its name %x", path, count, data[:32])
		}
		data = data[end:]
	}
	return count, nil
}
