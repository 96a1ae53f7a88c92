#!/bin/sh
echo '::progress 10 Ten'
echo '::progress 60 Sixty'
echo '::progress 30 Not back'
echo '::progress 90'
while [ ! -e release ]; do sleep 0.02; done
