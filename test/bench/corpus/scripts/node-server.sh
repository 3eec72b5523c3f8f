cat > server.cjs <<'END'
const http = require('node:http');
const server = http.createServer((_, response) => response.end('ok'));
server.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  for (let i = 0; i < 5; i++) await (await fetch(url)).text();
  server.close();
});
END
"$NODE" server.cjs
"$NODE" --check server.cjs
printf 'DEBUG=1\nPORT=3000\n' > .env.example
"$NODE" --env-file=.env.example -e 'console.log(process.env.PORT)'
