mkdir -p .github/workflows .vscode .claude/commands
echo 'on: push' > .github/workflows/ci.yml
echo '{}' > .vscode/settings.json
echo 'Review the diff.' > .claude/commands/review.md
echo '{"permissions":{"allow":["Bash(ls:*)"]}}' > .claude/settings.json
printf '# House rules\n' > CLAUDE.md
sed -i 's/rules/notes/' CLAUDE.md
echo 'set -o vi' >> ~/.bashrc
printf '[user]\nname=dev\n' > ~/.gitconfig
printf '#!/bin/sh\ntrue\n' > hook.sh
chmod +x hook.sh
git init -q
cp hook.sh .git/hooks/pre-commit
git add -A
git -c user.email=dev@example.com commit -qm config
cat .git/hooks/pre-commit | wc -l
