mkdir -p packages/a packages/b
echo '{"name":"a","version":"1.0.0","main":"a.js"}' > packages/a/package.json
echo '{"name":"b","version":"1.0.0","dependencies":{"a":"1.0.0"}}' > packages/b/package.json
echo 'module.exports = 1' > packages/a/a.js
echo 'require("a")' > packages/b/b.js
echo '{"name":"root","private":true,"workspaces":["packages/*"]}' > package.json
npm install --offline --no-audit --no-fund --silent
node packages/b/b.js
rm -rf node_modules
npm ci --offline --no-audit --no-fund --silent
npm ls --all
