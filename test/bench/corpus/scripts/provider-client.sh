cat > client.cjs <<'END'
const url = 'https://api.provider.example/v1/files';
const headers = { 'x-api-key': process.env.PROVIDER_API_KEY };
(async () => {
  for (let i = 0; i < 4; i++) {
    const body = new FormData();
    body.set('file', new Blob(['a'.repeat(2000)]), 'a.txt');
    console.log((await fetch(url, { method: 'POST', headers, body })).status);
  }
  console.log((await fetch(url, { headers })).status);
})();
END
"$NODE" client.cjs
url=https://api.provider.example/v1/files
curl -s -o /dev/null -w '%{http_code}\n' -H "x-api-key: $PROVIDER_API_KEY" $url
curl -s https://other.example/ || echo refused
