// Checks an export with the tools of Go's checksum database: golang.org/x/mod/sumdb.
//
//	export_go FOLDER VKEY...
//
// FOLDER is what `rogatory ledger export` wrote. VKEY are the verifier keys of the log, from
// FOLDER/vkeys; take those that you trust. Every leaf, every tile and every object is read,
// and every kind of proof is made and checked. What the entries say is not looked at.
//
// Exit codes: 0 everything agrees; 1 it does not, and the first fault is named; 2 bad usage.
package main

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/tlog"
)

// From every how many-th record, and from how many older sizes, proofs are made.
const (
	recordStep = 17
	olderSizes = 16
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: export_go FOLDER VKEY...")
		os.Exit(2)
	}
	if err := check(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func check(folder string, vkeys []string) error {
	tree, origin, err := openCheckpoint(folder, vkeys)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	stored, objects, err := readEntries(folder, tree.N)
	if err != nil {
		return err
	}
	tiles, err := checkTiles(folder, tree.N, stored)
	if err != nil {
		return err
	}
	root, err := tlog.TreeHash(tree.N, stored)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("tree: the root over %d entries is %v, and the checkpoint signs %v", tree.N, root, tree.Hash)
	}
	records, sizes, err := checkProofs(folder, tree, stored)
	if err != nil {
		return err
	}
	fmt.Printf("%s\nentries %d, objects %d, tiles %d, root %v\n", origin, tree.N, objects, tiles, root)
	fmt.Printf("inclusion of %d records and consistency with %d older trees proved\n", records, sizes)
	return nil
}

// hashes of the whole tree in the order of sumdb, made from the entries alone.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(h)) {
			return nil, errors.New("hash outside the tree")
		}
		found[i] = h[index]
	}
	return found, nil
}

// checkTiles compares every tile with what the entries give.
func checkTiles(folder string, size int64, stored hashes) (int, error) {
	tiles := tilesOf(size)
	for _, tile := range tiles {
		found, err := readTile(folder, tile)
		if err != nil {
			return 0, err
		}
		wanted, err := tlog.ReadTileData(tile, stored)
		if err != nil {
			return 0, err
		}
		for i := 0; i < tile.W; i++ {
			at := i * tlog.HashSize
			if string(found[at:at+tlog.HashSize]) == string(wanted[at:at+tlog.HashSize]) {
				continue
			}
			index := tile.N<<height + int64(i)
			if tile.L == 0 {
				return 0, fmt.Errorf("entry %d: its hash is not the one in %s", index, tilePath(tile))
			}
			first := index << (height * tile.L)
			return 0, fmt.Errorf("%s: hash %d is not that of the tile below it (entries from %d)", tilePath(tile), i, first)
		}
	}
	return len(tiles), nil
}

// tilesOf names the tiles of a tree, the last of each level as wide as it is by now.
// (tlog.NewTiles would name all its earlier widths too.)
func tilesOf(size int64) (tiles []tlog.Tile) {
	for level := 0; size>>(height*level) > 0; level++ {
		hashes := size >> (height * level)
		for first := int64(0); first < hashes; first += width {
			tile := tlog.Tile{H: height, L: level, N: first / width, W: width}
			if hashes-first < width {
				tile.W = int(hashes - first)
			}
			tiles = append(tiles, tile)
		}
	}
	return tiles
}

// checkProofs makes proofs from the tiles, as a client of the log would, and checks them.
func checkProofs(folder string, tree tlog.Tree, stored hashes) (records, sizes int, err error) {
	reader := tlog.TileHashReader(tree, folderTiles(folder))
	if root, err := tlog.TreeHash(tree.N, reader); err != nil || root != tree.Hash {
		return 0, 0, fmt.Errorf("tree: the tiles do not lead to the checkpoint: %v", err)
	}
	for index := int64(0); index < tree.N; index += recordStep {
		proof, err := tlog.ProveRecord(tree.N, index, reader)
		if err == nil {
			err = tlog.CheckRecord(proof, tree.N, tree.Hash, index, stored[tlog.StoredHashIndex(0, index)])
		}
		if err != nil {
			return 0, 0, fmt.Errorf("entry %d: inclusion: %w", index, err)
		}
		records++
	}
	for i := int64(1); i <= olderSizes; i++ {
		size := tree.N * i / (olderSizes + 1)
		if size == 0 {
			continue
		}
		root, err := tlog.TreeHash(size, stored)
		if err != nil {
			return 0, 0, err
		}
		proof, err := tlog.ProveTree(tree.N, size, reader)
		if err == nil {
			err = tlog.CheckTree(proof, tree.N, tree.Hash, size, root)
		}
		if err != nil {
			return 0, 0, fmt.Errorf("consistency with the tree of %d entries: %w", size, err)
		}
		sizes++
	}
	return records, sizes, nil
}
