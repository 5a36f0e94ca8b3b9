#!/usr/bin/env bash
# Starts a PostgreSQL of its own for the tests, runs the command given, stops it again.
#
#   scripts/postgres.sh cargo nextest run
#
# The server lives in a temporary folder on a free port of the loopback address, without fsync, and
# is gone afterwards. The folder is one of memory where there is room (SOTAY_TEST_ROOM), and so are the
# temporary files of the command: each test makes a database of hundreds of files and drops it again,
# which on a disk is half of the time of a run. Run by root it is started as the user `postgres`, since PostgreSQL refuses root.
set -euo pipefail

find_program() {
  local found
  found=$(command -v "$1" 2>/dev/null || ls -d /usr/lib/postgresql/*/bin/"$1" 2>/dev/null | sort -V | tail -n 1)
  if [ -z "$found" ]; then
    echo "PostgreSQL is missing ($1): install Debian's package postgresql, or run make setup as root." >&2
    exit 1
  fi
  echo "$found"
}

initdb=$(find_program initdb)
postgres=$(find_program postgres)
room=${SOTAY_TEST_ROOM:-$([ -w /dev/shm ] && [ "$(df -Pk /dev/shm | awk 'NR == 2 { print $4 }')" -gt 4000000 ] && echo /dev/shm || true)}
[ -z "$room" ] || export TMPDIR=$room
folder=$(mktemp -d "${TMPDIR:-/tmp}/sotay-postgres.XXXXXX")
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
as=()
if [ "$(id -u)" = 0 ]; then
  chown postgres "$folder"
  as=(runuser -u postgres --)
fi
server=
finish() {
  # The server's own number: the shell's child may be runuser, which does not hand signals on.
  if [ -f "$folder/data/postmaster.pid" ]; then
    kill -QUIT "$(head -n 1 "$folder/data/postmaster.pid")" 2>/dev/null || true
  fi
  if [ -n "$server" ]; then
    for _ in $(seq 50); do
      kill -0 "$server" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "$server" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap finish EXIT
(cd /; "${as[@]}" "$initdb" --pgdata "$folder/data" --username sotay --auth trust --encoding UTF8 --locale C.UTF-8 --no-sync >"$folder/initdb.log" 2>&1) || { cat "$folder/initdb.log" >&2; exit 1; }
cd_to() { cd /; exec "${as[@]}" "$postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 \
  -c unix_socket_directories="$folder" -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
  -c max_connections=300 -c shared_buffers=64MB; }
(cd_to) >"$folder/server.log" 2>&1 &
server=$!
for _ in $(seq 100); do
  if python3 -c "import socket; socket.create_connection(('127.0.0.1', $port), 0.2)" 2>/dev/null; then
    export SOTAY_TEST_POSTGRES="postgres://sotay@127.0.0.1:$port/postgres"
    sleep 0.2
    "$@"
    exit
  fi
  sleep 0.1
done
echo "PostgreSQL did not start:" >&2
cat "$folder/server.log" >&2
exit 1
