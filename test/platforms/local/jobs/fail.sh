#!/bin/sh
echo no luck
exit 3
