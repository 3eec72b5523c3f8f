#!/bin/sh
# The password of the ClickHouse of compose.server.yaml, made once.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
[ -s secrets/clickhouse_password ] || od -An -N24 -tx1 /dev/urandom | tr -d ' \n' > secrets/clickhouse_password
# Containers read it as other users; the folder keeps everybody else out.
chmod 0444 secrets/clickhouse_password
echo "deploy/secrets/clickhouse_password is there"
