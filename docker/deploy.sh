#!/bin/sh
# Puts an app with all that it needs in production into an empty folder: docker/deploy.sh APP FOLDER
# The Dockerfile runs it, and so does npm run deployed, which needs no Docker.
set -eu
app=$1
folder=$2
cd "$(dirname "$0")/.."
[ -d "apps/$app" ] || { echo "There is no app $app; there are: $(ls apps | tr '\n' ' ')" >&2; exit 2; }
[ -z "$(ls -A "$folder" 2>/dev/null)" ] || { echo "$folder is not empty" >&2; exit 2; }
node scripts/run.mjs build >&2
# its output is kept for when it fails
log=$(node_modules/.bin/pnpm --filter "./apps/$app" deploy --prod "$folder" 2>&1) || { echo "$log" >&2; exit 1; }
node docker/keep_bundle.mjs "$folder"
# what only people and compilers read
find "$folder" -type f \( -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' -o -name '*.map' \) -delete
rm -rf "$folder/.turbo"
