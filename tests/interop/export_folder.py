"""An exported ledger as files: tiles and bundles of C2SP tlog-tiles, objects, verifier keys."""

import base64
from pathlib import Path

from crypto import leaf_hash, node_hash, sha256
from ledger import note_key_id

WIDTH = 256
# No file of an export is longer: a bundle has 256 entries, and their objects are bounded.
LONGEST_FILE = 512 << 20


class Wrong(Exception):
    """The export is not what it claims to be; `entry` is the first bad entry where there is one."""

    def __init__(self, why: str, entry: int | None = None):
        super().__init__(why)
        self.entry = entry

    def __str__(self) -> str:
        why = super().__str__()
        return why if self.entry is None else f"entry {self.entry}: {why}"


def tile_name(number: int, width: int) -> str:
    """x001/x234/067, and .p/WIDTH behind it if it is not full."""
    parts = [f"{number % 1000:03}"]
    while number >= 1000:
        number //= 1000
        parts.insert(0, f"x{number % 1000:03}")
    return "/".join(parts) + (f".p/{width}" if width < WIDTH else "")


def bundles(size: int):
    """The bundles of a log: number, first entry, and how many."""
    for first in range(0, size, WIDTH):
        yield first // WIDTH, first, min(WIDTH, size - first)


class Tree:
    """Hashes of all complete subtrees: level 0 is of the leaves."""

    def __init__(self):
        self.levels: list[list[bytes]] = [[]]

    @property
    def size(self) -> int:
        return len(self.levels[0])

    def append(self, leaf: bytes) -> None:
        self.levels[0].append(leaf_hash(leaf))
        for level, hashes in enumerate(self.levels):
            if len(hashes) % 2:
                return
            if level + 1 == len(self.levels):
                self.levels.append([])
            self.levels[level + 1].append(node_hash(hashes[-2], hashes[-1]))

    def root(self, size: int) -> bytes:
        """Root of the tree of the first `size` leaves."""
        root = None
        for level in range(size.bit_length()):
            if size >> level & 1:
                subtree = self.levels[level][(size >> level) - 1]
                root = subtree if root is None else node_hash(subtree, root)
        return sha256() if root is None else root

    def tiles(self, size: int):
        """Every tile of the first `size` leaves: path, first hash of its level, hashes."""
        for level in range(0, size.bit_length(), 8):
            hashes = self.levels[level]
            for number, first, width in bundles(size >> level):
                yield f"tile/{level // 8}/{tile_name(number, width)}", level, first, hashes[first : first + width]


class Folder:
    """The files of an export; bounded, and nothing believed."""

    def __init__(self, path: Path):
        self.path = path

    def read(self, name: str) -> bytes:
        path = self.path / name
        try:
            if path.stat().st_size > LONGEST_FILE:
                raise Wrong(f"{name}: longer than {LONGEST_FILE} bytes")
            return path.read_bytes()
        except OSError as error:
            raise Wrong(f"{name}: {error.strerror}") from error

    def witnessed(self) -> dict[str, bytes]:
        """Checkpoints by the peer that cosigned them."""
        folder = self.path / "witnessed"
        names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        return {name: self.read(f"witnessed/{name}") for name in names}

    def leaves(self, number: int, first: int, width: int):
        """One leaf after the other, so that the first that is not right can be named."""
        name = f"tile/entries/{tile_name(number, width)}"
        data, at = self.read(name), 0
        for index in range(first, first + width):
            end = at + 2 + int.from_bytes(data[at : at + 2], "big")
            if at + 2 > len(data) or end > len(data):
                raise Wrong(f"{name} ends within it", index)
            yield data[at + 2 : end]
            at = end
        if at != len(data):
            raise Wrong(f"{name}: {len(data) - at} bytes after its last entry")

    def objects(self, number: int, width: int) -> list[tuple[bytes, bytes]]:
        """Digests, as they are written, and bytes, in the order of the file."""
        name = f"objects/{tile_name(number, width)}"
        data, at, found = self.read(name), 0, []
        while at < len(data):
            end = at + 36 + int.from_bytes(data[at + 32 : at + 36], "big")
            if at + 36 > len(data) or end > len(data):
                raise Wrong(f"{name} ends within object {len(found)}")
            found.append((data[at : at + 32], data[at + 36 : end]))
            at = end
        return found

    def tree(self, size: int) -> Tree:
        """The tree over all entries; every hash of every tile agrees with it."""
        tree = Tree()
        for number, first, width in bundles(size):
            tile = self._tile(f"tile/0/{tile_name(number, width)}", width)
            for index, leaf in enumerate(self.leaves(number, first, width), first):
                tree.append(leaf)
                if tree.levels[0][index] != tile[index - first]:
                    raise Wrong("its hash is not the one in its tile", index)
        for path, level, first, hashes in tree.tiles(size):
            for place, (found, wanted) in enumerate(zip(self._tile(path, len(hashes)), hashes)):
                if found != wanted:
                    from_entry = (first + place) << level
                    raise Wrong(f"{path}: hash {place} is not that of the entries from {from_entry}")
        return tree

    def _tile(self, path: str, width: int) -> list[bytes]:
        data = self.read(path)
        if len(data) != 32 * width:
            raise Wrong(f"{path}: {len(data)} bytes, not {width} hashes")
        return [data[at : at + 32] for at in range(0, len(data), 32)]

    def vkeys(self) -> list[tuple[str, int, bytes]]:
        """Name, type and public key of each verifier key."""
        try:
            return [read_vkey(line) for line in self.read("vkeys").decode().splitlines()]
        except ValueError as error:
            raise Wrong(f"vkeys: no verifier key: {error}") from error


def read_vkey(line: str) -> tuple[str, int, bytes]:
    """Name, type and public key of a verifier key (C2SP signed-note)."""
    name, id_, encoded = line.split("+", 2)
    key = base64.b64decode(encoded, validate=True)
    if not key or note_key_id(name, key[0], key[1:]).hex() != id_:
        raise ValueError(line)
    return name, key[0], key[1:]
