#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# make demo: a guest says hello on VT-x, inside the lab, and we see each exit.
exec "$(dirname "$0")/lab/lab" --kernel="${KERNEL:-stock}" -- sh -c '
set -e
echo "# uname -sr; insmod minivmx.ko; dmesg | grep minivmx: | tail -n 1"
uname -sr
insmod minivmx.ko
dmesg | grep minivmx: | tail -n 1
echo
echo "# vmrun hello.bin"
vmrun hello.bin
echo
echo "# vmrun --trace=trace hello.bin; cat trace"
vmrun --trace=trace hello.bin
cat trace
'
