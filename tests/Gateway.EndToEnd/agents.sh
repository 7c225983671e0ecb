#!/usr/bin/env bash
# Runs three coding agents headless against a gateway. Usage: agents.sh URL KEY MODEL [MODEL…]
# They are installed into a temporary folder (near 1 GB), need Node.js 22, and get a home of their own. See docs/clients.md.
set -euo pipefail
url=$1 key=$2
shift 2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/home/.codex" "$folder/home/.gemini" "$folder/work"
cd "$folder"
npm install --silent --no-audit --no-fund @anthropic-ai/claude-code @openai/codex @google/gemini-cli
bin=$folder/node_modules/.bin
cat > home/.codex/config.toml <<TOML
model_provider = "gateway"
[model_providers.gateway]
name = "gateway"
base_url = "$url/openai/v1"
env_key = "GATEWAY_KEY"
wire_api = "responses"
TOML
echo '{"security":{"auth":{"selectedType":"gemini-api-key"}}}' > home/.gemini/settings.json
echo "some words" > work/notes.txt
export HOME=$folder/home
cd work

ask="Say hello."
for model in "$@"; do
    echo "== Claude Code, $model"
    ANTHROPIC_BASE_URL=$url/anthropic ANTHROPIC_API_KEY=$key CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 \
        timeout 120 "$bin/claude" -p "$ask" --model "$model" --tools Read --allowedTools Read --output-format stream-json --verbose < /dev/null || echo "failed: $?"
    echo "== Codex, $model"
    GATEWAY_KEY=$key timeout 120 "$bin/codex" exec -m "$model" --skip-git-repo-check --sandbox danger-full-access --json "$ask" < /dev/null || echo "failed: $?"
    echo "== Gemini CLI, $model"
    GOOGLE_GEMINI_BASE_URL=$url/genai GEMINI_API_KEY=$key GEMINI_CLI_TRUST_WORKSPACE=true \
        timeout 120 "$bin/gemini" -m "$model" -y -o json -p "$ask" < /dev/null || echo "failed: $?"
done
