#!/bin/sh
echo "$RUN_TOKEN" >> "$LEDGER"
echo done
