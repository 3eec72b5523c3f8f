export GIT_AUTHOR_NAME=dev GIT_AUTHOR_EMAIL=dev@example.com
export GIT_COMMITTER_NAME=dev GIT_COMMITTER_EMAIL=dev@example.com
git config --global init.defaultBranch main
git clone -q --no-hardlinks --depth 1 "file://$REPO" clone 2>/dev/null ||
  git clone -q "$REPO" clone
cd clone
git log --oneline -3
git checkout -qb work
echo note >> CHANGELOG.md
git commit -qam 'note'
git diff HEAD~1 --stat || true
git ls-files | wc -l
git grep -c node:test | wc -l
