cp -r "$REPO"/packages/chain/src src
cp "$REPO"/biome.json .
"$REPO"/node_modules/.bin/biome check src | tail -2 || true
"$REPO"/node_modules/.bin/biome format --write src | tail -1 || true
