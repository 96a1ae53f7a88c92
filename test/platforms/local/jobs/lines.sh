#!/bin/sh
i=0
while [ $i -lt 10000 ]; do i=$((i + 1)); echo "line $i"; done
