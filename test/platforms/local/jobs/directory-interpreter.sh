#!/usr/bin
echo its interpreter is a directory
