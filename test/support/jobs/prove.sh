#!/bin/sh
# Proves its launch with one line in a file of its ticket. Held jobs then wait for a file, at most five minutes.
set -eu
echo "$RUN_TOKEN" >>"$PROOF_DIR/$TICKET_NUMBER.launched"
left=3000
while [ "${PARAM_HOLD:-false}" = true ] && [ ! -e "$PROOF_DIR/$TICKET_NUMBER.go" ] && [ "$left" -gt 0 ]; do
  sleep 0.1
  left=$((left - 1))
done
echo "::progress 90 Nearly done"
echo "done for $TICKET_NUMBER"
