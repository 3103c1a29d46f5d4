#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# make demo-share: two guests that never stop have one CPU, 70 to 30.
#
# shellcheck disable=SC2016 # the lab's shell expands it
exec "$(dirname "$0")/lab/lab" --kernel="${KERNEL:-stock}" -- sh -c '
set -e
insmod minivmx.ko
echo "# vmrun --share=turns --weight=70 spin.bin &"
taskset 1 vmrun --share=turns --weight=70 spin.bin &
first=$!
echo "# vmrun --share=turns --weight=30 spin.bin &"
taskset 1 vmrun --share=turns --weight=30 spin.bin &
second=$!
sleep 3
echo "# sleep 3; vmrun share turns"
vmrun share turns
kill $first $second
'
