openssl req -x509 -newkey rsa:2048 -nodes -keyout server-key.pem -out server.pem \
  -days 1 -subj /CN=localhost 2>/dev/null
openssl x509 -in server.pem -noout -subject
openssl rsa -in server-key.pem -check -noout
ssh-keygen -q -t ed25519 -N '' -f deploy_key
ssh-keygen -y -f deploy_key | wc -c
mkdir -p ~/.ssh
ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519
ssh-keygen -lf ~/.ssh/id_ed25519.pub
cat > tls.cjs <<'END'
const { readFileSync } = require('node:fs');
const [key, cert] = ['server-key.pem', 'server.pem'].map((name) => readFileSync(name));
require('node:tls').createServer({ key, cert });
END
"$NODE" tls.cjs
