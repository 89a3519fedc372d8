#!/bin/bash
# Runs the tests that talk to Redis against every server that Debian packages, old and new, and prints a table:
#   bench/versions.sh [SUITE PACKAGE]...
# Each server is unpacked with all it needs, its C library included, so that nothing of this machine is mixed in.
# VERSIONS_FOLDER keeps what was unpacked for the next time; TESTS are the paths of the tests.
set -u
cd "$(dirname "$0")/.."
folder=${VERSIONS_FOLDER:-$(mktemp -d)}
tests=${TESTS:-test/adapters/bullmq test/adapters/redis}
[ $# -gt 0 ] || set -- bullseye redis-server bookworm redis-server trixie redis-server trixie valkey-server \
  sid redis-server sid valkey-server

# Where this machine has its packages from.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m 1 '/debian/$')

# apt for one suite, with lists and a cache of its own.
apt() {
  local home=$1; shift
  mkdir -p "$home"/{lists/partial,cache/archives/partial}
  "$@" -o Dir::Etc::sourcelist="$home/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$home/lists" -o Dir::Cache="$home/cache" -o Dir::State::status=/dev/null \
    -o APT::Sandbox::User=root
}

# Unpacks a package of a suite, and answers its server program as a script that starts it with its own libraries.
unpack() {
  local suite=$1 package=$2 home=$folder/$1 root=$folder/$1-$2
  [ -x "$root/server" ] && return 0
  mkdir -p "$home" "$root/packages"
  echo "deb $mirror $suite main" >"$home/sources.list"
  [ -n "$(ls "$home"/lists/*Packages* 2>/dev/null)" ] || apt "$home" apt-get update >"$root/log" 2>&1 || return 1
  local names
  names=$(apt "$home" apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
    --no-replaces --no-enhances "$package" 2>>"$root/log" | grep -E '^[a-z0-9]' | sort -u)
  grep -qx "$package" <<<"$names" || return 1
  # Names without a package of their own are provided by others.
  for name in $names; do
    case $name in perl* | adduser | debconf* | cdebconf | dpkg | tar | coreutils | passwd | login* | systemd) continue ;; esac
    (cd "$root/packages" && apt "$home" apt-get download "$name" >>"$root/log" 2>&1)
  done
  for file in "$root"/packages/*.deb; do dpkg -x "$file" "$root" || return 1; done
  local loader libraries
  loader=$(find "$root" -name 'ld-linux*.so.*' | head -1)
  libraries=$(find "$root" -name '*.so.*' -printf '%h\n' | sort -u | paste -sd:)
  [ -n "$loader" ] && [ -e "$root/usr/bin/$package" ] || return 1
  # Debian's Redis 6 looks for its Lua libraries where they would be installed.
  local lua="$root/usr/lib/$(uname -m)-linux-gnu/lua/5.1/?.so;$root/usr/lib/$(uname -m)-linux-gnu/lua/5.1/?/?.so"
  printf '#!/bin/sh\nLUA_CPATH="%s" exec %s --library-path %s %s "$@"\n' \
    "$lua" "$loader" "$libraries" "$root/usr/bin/$package" >"$root/server"
  chmod +x "$root/server"
}

echo '| suite | server | version | passed | skipped | failed |'
echo '|---|---|---|--:|--:|--:|'
while [ $# -ge 2 ]; do
  suite=$1 package=$2
  shift 2
  root=$folder/$suite-$package
  if ! unpack "$suite" "$package"; then
    echo "| $suite | $package | could not be had | – | – | – |"
    continue
  fi
  version=$("$root/server" --version 2>&1 | grep -oE 'v=[0-9.]+' | cut -c3-)
  REDIS_SERVER_BINARY=$root/server node_modules/.bin/vitest run --config test/vitest.config.ts \
    --reporter=json --outputFile="$root/result.json" $tests >"$root/output" 2>&1
  counts=$(node -e '
    const { numPassedTests, numPendingTests, numFailedTests } = require(process.argv[1]);
    console.log([numPassedTests, numPendingTests, numFailedTests].join(" | "));' "$root/result.json")
  echo "| $suite | $package | ${version:-does not start} | ${counts:-– | – | –} |"
  node -e '
    for (const file of require(process.argv[1]).testResults)
      for (const { status, fullName } of file.assertionResults)
        if (status === "failed") console.error(`  failed: ${fullName}`);' "$root/result.json"
done
