#!/bin/sh
# Ignores SIGTERM, and so does its grandchild; both say who they are.
trap '' TERM
echo $$ > child.pid
sh -c 'trap "" TERM; echo $$ > grandchild.pid; while :; do sleep 0.05; done' &
while :; do sleep 0.05; done
