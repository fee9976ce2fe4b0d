#!/bin/sh
# As the official image: the server reads its configuration from variables; other members reach it by its own address.
set -e
TEMPORAL_BROADCAST_ADDRESS="$(getent hosts "$(hostname)" | cut -d ' ' -f 1)"
export TEMPORAL_BROADCAST_ADDRESS
exec temporal-server --allow-no-auth start
