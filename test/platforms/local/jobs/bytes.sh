#!/bin/sh
# Both streams, bytes that are no UTF-8, a NUL, and a last line without its end.
printf 'out 1\n'
printf 'err 2\n' >&2
printf 'bad \377\376 nul \000 end\n'
printf '::progress 50 Half\r\n::progress abc is no progress\n'
printf 'split \303' ; sleep 0.2 ; printf '\251\n'
printf '::prog' ; sleep 0.2 ; printf 'ress 70 Later\nlast'
