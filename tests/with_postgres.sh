#!/usr/bin/env bash
# Run a command with DATABASE_URL naming a PostgreSQL of its own, on a free port of this machine.
# It is thrown away afterwards, however the command ends, and the command's exit status is passed on.
set -euo pipefail

programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
PATH="$PATH:$programs"
if ! command -v initdb >/dev/null; then
    echo "PostgreSQL is not installed: no initdb. On Debian: apt-get install postgresql" >&2
    exit 1
fi

home=$(mktemp -d)
chmod 711 "$home"
as_owner() { "$@"; }
if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root
    owner=$(id -un postgres 2>/dev/null || echo nobody)
    chown "$owner" "$home"
    as_owner() { runuser -u "$owner" -- env "PATH=$PATH" "$@"; }
fi

stop() {
    as_owner pg_ctl -D "$home/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$home"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cd "$home" # a directory that the owner may read
# No autovacuum: it would count the tables while tests have them rolled back, and plan their queries for empty ones.
as_owner initdb -D "$home/data" -U facehealth -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
if ! as_owner pg_ctl -D "$home/data" -l "$home/log" -w -t 60 start -o \
    "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$home -c fsync=off \
     -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off" >/dev/null; then
    cat "$home/log" >&2
    exit 1
fi
cd "$OLDPWD"

# The tests make their own database beside this one, which every PostgreSQL has.
DATABASE_URL="postgres://facehealth@127.0.0.1:$port/postgres" "$@"
