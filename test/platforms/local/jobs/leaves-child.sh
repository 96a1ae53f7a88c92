#!/bin/sh
# Succeeds at once and leaves a process behind.
sleep 300 &
echo $! > left.pid
echo done
