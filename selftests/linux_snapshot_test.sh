#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Linux in vmrun, in the lab, saved in the middle of what it does: it goes on in another
# process, and finds out what time it is; then many from one file. Prints TAP.
#
#	linux_snapshot_test.sh DEVICE KERNEL	a kernel of lab --linux, on this device
#
# MINIVMX_CLONES: how many (default: 100).
#
# shellcheck shell=dash disable=SC3045,SC2016 # busybox; the guest's shell is to expand
device=$1
kernel=$2
clones=${MINIVMX_CLONES:-100}
where=linux_snapshot.$kernel.${device#/dev/}
# shellcheck source=selftests/linux_dialogue.sh
. "$(dirname "$0")/linux_dialogue.sh"

first=/tmp/linux.vmsnap
template=/tmp/template.vmsnap
# For how long the guest is a file.
gap=20

# So many steps, in the guest and here; the guest ends when it is told to.
step='n=$((n + 1)); x=$(((x * 1103515245 + 12345) % 2147483648))'

# A kernel without a driver for the RTC has its ports, at which two numbers of each byte
# are decimal. Of one minute is what was read while that stayed: each byte takes long.
cmos='cmos() { printf "\\x$1" | dd of=/dev/port bs=1 seek=112 conv=notrunc; dd if=/dev/port bs=1 skip=113 count=1 | xxd -p; } 2>/dev/null'
read_clock='until m=$(cmos 02); t="$(cmos 32)$(cmos 09)-$(cmos 08)-$(cmos 07) $(cmos 04):$m:$(cmos 00)"; [ $m = $(cmos 02) ]; do :; done'

expected() {
	local n=0 x=1

	while [ $n -lt "$1" ]; do
		eval "$step"
	done
	echo $x
}

echo "TAP version 13"
launch_linux "$kernel" 64M --save-on=SIGUSR1:$first
ask variable "variable=$((6 * 7))" .
ask functions "$cmos" .
ask file 'head -c 262144 /dev/urandom > /tmp/x; sha256sum /tmp/x' '^[0-9a-f]{64} '
sum=$(answer '\([0-9a-f]*\)  \/tmp\/x')
ask computation "(n=0; x=1; until [ -e /tmp/enough ]; do $step; done; echo result \$n \$x >/tmp/result) &" .
kill -USR1 $vmrun
ended saved SIGUSR1 252
echo "# $where: $(wc -c <$first) bytes"

sleep $gap
launch --restore=$first --save-on=SIGUSR1:$template
ask variable_kept 'echo it is $variable.' '^it is 42\.$'
ask file_kept 'sha256sum /tmp/x' "^${sum:-none} "
ask computation_ends 'touch /tmp/enough; wait; cat /tmp/result' '^result [0-9]+ [0-9]+$'
steps=$(answer 'result \([0-9]*\) .*')
echo "# $where: $steps steps of the computation"
expect computation_right "$(answer 'result [0-9]* \([0-9]*\)')" = "$(expected "${steps:-0}")"
expect steps "${steps:-0}" -gt 0
# Its own clock stood still.
ask date 'echo date is $(date +%s).' '^date is [0-9]+\.$'
guest=$(answer 'date is \([0-9]*\)\.')
expect date_late "${guest:-0}" -le $(($(date +%s) - gap))
before=$(date +%s)
ask clock "$read_clock; date -u -s \"\$t\" >/dev/null; echo clock is \$(date +%s)." '^clock is [0-9]+\.$'
clock=$(answer 'clock is \([0-9]*\)\.')
echo "# $where: date $guest, RTC $clock, of the host $before to $(date +%s)"
# The gap is one of whole seconds.
expect clock_right "${clock:-0}" -ge $((before - 1)) -a "${clock:-0}" -le "$(date +%s)"

# Saved for the second time, and nothing has to be said to what comes from that.
echo 'echo temp""late; sleep 5; echo clone $variable; poweroff -f' >&3
heard_often template 1
kill -USR1 $vmrun
ended saved_again SIGUSR1 252
echo "# $where: $(wc -c <$template) bytes"

launch --restore=$template
ended poweroff 'poweroff -f' 0
expect goes_on "$(answer '\(clone 42\)')" = 'clone 42'

start=$(date +%s)
launch --restore=$template --clone="$clones" --stat
ended clones "$clones clones" 0
expect each "$(tr -d '\r' <$heard | grep -cE '^\[[0-9]+\] clone 42$')" -eq "$clones"
grep -aE '^clone 0:|clones:' $heard | sed "s/^/# $where: /"
echo "# $where: $clones clones in $(($(date +%s) - start)) seconds"
rm -f $first $template
echo "1..$count"
exit $failed
