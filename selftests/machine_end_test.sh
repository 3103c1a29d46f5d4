#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The end of a machine on which guests are running: reboot, panic, kexec. Runs on the
# host and boots labs of two CPUs, with a guest on each; prints TAP.
#
# usage: selftests/machine_end_test.sh [LANE]
#
# Breakage it catches: a guest that keeps its CPU when the kernel wants it stopped, and
# VMX that is still on in the next kernel, which then cannot start its other CPUs.
set -u

lane=${1:-bochs}
here=$(cd "$(dirname "$0")" && pwd)
lab=$here/lab/lab
kdir=$("$lab" --print-kdir --kernel=small) || exit 1
work=$(mktemp -d "${TMPDIR:-/tmp}/machine_end_test.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

tests=0
failures=0

# check NAME COMMAND [ARG...]: one test, passed when COMMAND succeeds.
check() {
	local name=$1

	shift
	tests=$((tests + 1))
	if "$@"; then
		echo "ok $tests - $name"
	else
		echo "not ok $tests - $name"
		echo "# $*: lab's status $status; what it said, and the end of the console:"
		tail -qn 15 said console | tr -d '\r' | sed 's/^/# /'
		failures=$((failures + 1))
	fi
}

# In the lab: a guest on each CPU, of which one keeps interrupts out. Neither ends.
cat >guests.sh <<'SCRIPT'
insmod minivmx.ko || exit 1
cpu=0
for guest in spin.bin spin_cli.bin; do
	taskset $((1 << cpu)) vmrun $guest &
	pid=$!
	ticks=0
	# A second of CPU time: what comes before the guest takes a fraction of it.
	until [ "$ticks" -ge 100 ]; do
		kill -0 $pid || exit 1
		sleep 0.1
		ticks=$(awk '{ sub(/.*\) /, ""); print $12 + $13 }' /proc/$pid/stat)
	done
	cpu=$((cpu + 1))
done
echo "guests run"
SCRIPT

# The second kernel: a guest on each CPU says hello.
cat >init <<'SCRIPT'
#!/bin/busybox sh
/bin/busybox mount -t devtmpfs devtmpfs /dev
exec </dev/null >/dev/console 2>&1
/bin/busybox mount -t proc proc /proc
/bin/busybox insmod /minivmx.ko
for mask in 1 2; do
	echo "second kernel, CPU mask $mask: $(/bin/busybox taskset $mask /bin/vmrun /hello.bin)"
done
/bin/busybox reboot -f
SCRIPT

# Before there are guests: the kernel computes a checksum of it all, for very long.
cat >load.sh <<'SCRIPT'
mkdir -p /tmp/root/bin /tmp/root/dev /tmp/root/proc
cp /bin/busybox /bin/vmrun /tmp/root/bin
cp init minivmx.ko guests/hello.bin /tmp/root
chmod 755 /tmp/root/init
(cd /tmp/root && find . | cpio -o -H newc) >/tmp/initrd
selftests/kexec kernel /tmp/initrd "$(cat /proc/cmdline)"
SCRIPT

# end_by COMMAND [BEFORE]: runs the lab; sets status, and leaves files said and console.
# A lab that has to be ended has status 124.
end_by() {
	"$lab" "--lane=$lane" --cpus=2 --timeout=300 --console=console \
		--add=guests.sh --add=init --add=load.sh \
		--add="$kdir/arch/x86/boot/bzImage:kernel" \
		-- sh -c "exec 2>&1; ${2:-true} && . ./guests.sh && $1; sleep 1000" \
		>said </dev/null 2>&1
	status=$?
}

# The machine went down by itself, with guests running, and said so on its console.
ended() {
	[ "$status" -eq 125 ] && grep -qx 'guests run' said && grep -q "$1" console
}

end_by 'reboot -f'
check "reboot with guests on all CPUs" ended 'reboot: machine restart'
end_by 'echo c >/proc/sysrq-trigger'
check "panic with guests on all CPUs" ended 'Kernel panic'
end_by 'echo b >/proc/sysrq-trigger'
check "reboot in an emergency" ended 'sysrq: Resetting'
end_by selftests/kexec 'sh load.sh'
check "kexec with guests on all CPUs" ended 'kexec_core: Starting new kernel'
for mask in 1 2; do
	check "the second kernel runs a guest, CPU mask $mask" \
		grep -q "^second kernel, CPU mask $mask: Hello, world!" console
done

echo "1..$tests"
[ "$failures" -eq 0 ]
