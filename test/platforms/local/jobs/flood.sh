#!/bin/sh
echo first
head -c 300000 /dev/zero | tr '\0' x
echo
echo last
