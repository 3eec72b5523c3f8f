for name in yaml zod commander; do
  test -d "$REPO/node_modules/$name" &&
    npm pack --silent --offline "$REPO/node_modules/$name" >/dev/null
done
npm init -y >/dev/null
npm install --offline --no-audit --no-fund --silent ./*.tgz
npm ls --depth 0
npm pkg set scripts.test='node -e 0'
npm test --silent
npm pack --silent --dry-run
