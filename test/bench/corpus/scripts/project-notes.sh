export GIT_AUTHOR_NAME=dev GIT_AUTHOR_EMAIL=dev@example.com
export GIT_COMMITTER_NAME=dev GIT_COMMITTER_EMAIL=dev@example.com
git config --global init.defaultBranch main
cp -r "$REPO"/packages/detect/src src
cp "$REPO"/LICENSE "$REPO"/README.md .
git init -q
mkdir -p .claude docs
echo '# Notes for agents' > AGENTS.md; echo '# House' > docs/style.md
git add . && git commit -qm notes
git mv AGENTS.md docs/AGENTS.md
git commit -qm 'move'
crontab -l 2>/dev/null || true
cat docs/AGENTS.md
