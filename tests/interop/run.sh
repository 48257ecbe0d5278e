#!/bin/sh
# Builds a peer in Python from the protocol files alone and exchanges with a real gateway, over lines
# and by files that a courier carries; then has exported ledgers checked by a verifier in Python and,
# where Go is there, by Go's own packages for transparency logs, and sees that both refuse what was
# tampered with.
#
#   tests/interop/run.sh ROGATORY_BINARY
#
# Exits with 0 only if everything agreed. PYTHON names another interpreter than
# python3; it must be 3.10 or newer.
set -eu
if [ $# -ne 1 ] || [ ! -x "$1" ]; then
    echo "usage: $0 ROGATORY_BINARY" >&2
    exit 2
fi
binary=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/../..")
venv=$root/target/interop-venv
generated=$root/target/interop-proto

if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
    echo "interop: installing the packages of requirements.txt"
    python=${PYTHON:-python3}
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || {
        echo "interop: $python is older than 3.10: name another one in PYTHON" >&2
        exit 2
    }
    "$python" -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$venv/requirements.txt"
fi

echo "interop: compiling the protocol files"
mkdir -p "$generated"
find "$root/proto" -name '*.proto' -exec "$venv/bin/python" -m grpc_tools.protoc \
    -I"$root/proto" --python_out="$generated" --grpc_python_out="$generated" {} +

# Debian's golang-go and golang-golang-x-mod-dev; nothing is fetched.
gopath=/usr/share/gocode
if command -v go >/dev/null && [ -d "$gopath/src/golang.org/x/mod/sumdb" ]; then
    echo "interop: building the Go program"
    (cd "$here/export_go" && GO111MODULE=off GOPATH=$gopath GOFLAGS='' go build -o "$root/target/export_go" .)
    export ROGATORY_EXPORT_GO="$root/target/export_go"
else
    echo "interop: note: no Go with golang.org/x/mod here: exports are NOT checked with it"
    unset ROGATORY_EXPORT_GO
fi

export ROGATORY_BINARY="$binary" PYTHONPATH="$here:$generated" PYTHONDONTWRITEBYTECODE=1
cd "$here"
exec "$venv/bin/python" -m unittest --verbose test_vectors test_interop test_carried test_export test_revoked
