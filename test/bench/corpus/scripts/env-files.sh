printf 'API_URL=http://localhost\nSECRET=x\n' > .env
cp .env .env.local
printf '.env*\n' > .gitignore
"$NODE" --env-file=.env -e 'console.log(process.env.API_URL)'
set -a
. ./.env
set +a
echo $API_URL
printf 'registry=http://127.0.0.1:9/\n' > .npmrc
npm config get registry
grep -rn API_URL . | wc -l
