#!/bin/bash
# Packs Drover, installs it and runs it as users do, with the oldest and the newest Node that npm has, and prints a table:
#   bench/node-versions.sh [VERSION]...
# TESTS are the paths of the tests.
set -u
cd "$(dirname "$0")/.."
tests=${TESTS:-test/package test/demo test/worker}
[ $# -gt 0 ] || set -- 20.19.0 22.0.0 22 24 latest
result=$(mktemp -d)
trap 'rm -rf "$result"' EXIT
npm run --silent build

echo '| Node | version | passed | skipped | failed |'
echo '|---|---|--:|--:|--:|'
for wanted in "$@"; do
  version=$(npx --yes --package "node@$wanted" node --version 2>/dev/null) || {
    echo "| $wanted | could not be had | – | – | – |"
    continue
  }
  npx --yes --package "node@$wanted" node node_modules/vitest/vitest.mjs run --config test/vitest.config.ts \
    --reporter=json --outputFile="$result/$wanted.json" $tests >"$result/$wanted.log" 2>&1
  if [ ! -e "$result/$wanted.json" ]; then
    echo "| $wanted | $version | – | – | does not start |"
    tail -5 "$result/$wanted.log" >&2
    continue
  fi
  node -e '
    const { numPassedTests, numPendingTests, numFailedTests, testResults } = require(process.argv[1]);
    console.log(`| ${process.argv.slice(2).join(" | ")} | ${numPassedTests} | ${numPendingTests} | ${numFailedTests} |`);
    for (const { status, fullName } of testResults.flatMap((file) => file.assertionResults))
      if (status === "failed") console.error(`  failed: ${fullName}`);' "$result/$wanted.json" "$wanted" "$version"
done
