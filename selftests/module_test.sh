#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The module's own life: loading and unloading, users that come and go, and
# another hypervisor that holds VMX. Run it in the directory that holds
# minivmx.ko and guests/, as root, with minivmx not loaded.
#
# Breakage it catches: a reference to the module that is lost or kept, anything
# that a killed vmrun leaves behind, VMX that is taken from KVM or kept from it.
#
# shellcheck disable=SC2317 # check calls the functions

loads=${MINIVMX_LOADS:-20}
spin=guests/spin.bin

dmesg -c > /dev/null

number=0
failed=0
holder=
# check NAME COMMAND...: one line of TAP
check() {
	name=$1
	shift
	number=$((number + 1))
	clean_up
	if "$@"; then
		echo "ok $number module.$name"
	else
		echo "not ok $number module.$name"
		failed=1
	fi
}

skip() {
	number=$((number + 1))
	echo "ok $number module.$1 # SKIP $2"
}

dmesg_says() {
	dmesg | grep -q -- "$1" && return
	echo "# dmesg says nothing like: $1"
	dmesg | tail -n 3 | sed 's/^/# /'
	return 1
}

# Waits until a command succeeds; the number only guards against a hang.
wait_until() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] || return 1
		sleep 0.1
	done
}

users() {
	cat "/sys/module/$1/refcnt"
}

has_users() {
	[ "$(users "$1")" != 0 ]
}

has_no_users() {
	[ "$(users "$1")" = 0 ]
}

hello() {
	[ "$(vmrun --device="$1" guests/hello.bin)" = "Hello, world!" ]
}

# A guest that spins in the background; its vmrun is $holder.
hold() {
	vmrun --device="/dev/$1" "$spin" &
	holder=$!
	wait_until has_users "$2"
}

# Has it burnt some CPU time? Then it has entered the guest.
runs() {
	ticks=$(awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$holder/stat")
	[ "${ticks:-0}" -ge 5 ]
}

# SIGINT would not do: a shell makes what runs in the background ignore it.
end_holder() {
	kill "-$1" "$holder"
	wait "$holder" 2> /dev/null
	holder=
}

# Each check starts without guests and without the module, whatever the one
# before it left.
clean_up() {
	[ -n "$holder" ] && end_holder KILL
	[ ! -e /sys/module/minivmx ] && return
	wait_until has_no_users minivmx
	rmmod minivmx
}

# ------------------------------------------------------------------------

load_and_unload() {
	i=0
	while [ "$i" -lt "$loads" ]; do
		insmod minivmx.ko && hello /dev/minivmx && rmmod minivmx || return 1
		i=$((i + 1))
	done
	echo "# $loads times"
	[ ! -e /dev/minivmx ] && [ ! -e /sys/module/minivmx ]
}

# delete_module() says EWOULDBLOCK for a module that is in use.
rmmod_refused() {
	message=$(rmmod minivmx 2>&1) && return 1
	echo "# $message"
	case $message in
	*"Resource temporarily unavailable"* | *"in use"*) ;;
	*) return 1 ;;
	esac
	[ -e /dev/minivmx ]
}

rmmod_while_open() {
	insmod minivmx.ko || return 1
	exec 3<> /dev/minivmx
	rmmod_refused
	refused=$?
	exec 3>&-
	[ "$refused" = 0 ] && has_no_users minivmx && rmmod minivmx
}

rmmod_while_running() {
	insmod minivmx.ko && hold minivmx minivmx && wait_until runs || return 1
	rmmod_refused
	refused=$?
	end_holder TERM
	[ "$refused" = 0 ] && wait_until has_no_users minivmx && rmmod minivmx
}

killed() {
	insmod minivmx.ko && hold minivmx minivmx && wait_until runs || return 1
	end_holder KILL
	wait_until has_no_users minivmx && rmmod minivmx
}

insmod_while_kvm_runs() {
	hold kvm kvm_intel && wait_until runs || return 1
	message=$(insmod minivmx.ko 2>&1)
	refused=$?
	echo "# $message"
	end_holder TERM
	[ "$refused" != 0 ] && [ ! -e /sys/module/minivmx ] || return 1
	case $message in
	*"Device or resource busy"*) ;;
	*) return 1 ;;
	esac
	dmesg_says 'minivmx: .*another hypervisor holds VMX.*kvm_intel' &&
		wait_until has_no_users kvm_intel
}

# status 242: the host's fault, here EBUSY
run_while_kvm_runs() {
	insmod minivmx.ko && hold kvm kvm_intel && wait_until runs || return 1
	message=$(vmrun guests/hello.bin 2>&1)
	status=$?
	echo "# $message"
	end_holder TERM
	wait_until has_no_users kvm_intel || return 1
	[ "$status" = 242 ] && dmesg_says 'minivmx: another hypervisor holds VMX on CPU .*kvm_intel'
}

both_work_in_turn() {
	insmod minivmx.ko &&
		hello /dev/minivmx && hello /dev/kvm && hello /dev/minivmx
}

kvm_is_not_disturbed() {
	insmod minivmx.ko && hold kvm kvm_intel && wait_until runs || return 1
	vmrun guests/hello.bin 2> /dev/null
	hello /dev/kvm && kill -0 "$holder"
}

smallest_vmm_on() {
	[ -e "/dev/$1" ] || insmod "$1.ko" || return 1
	[ "$(selftests/smallest_vmm "/dev/$1" guests/hello.bin)" = "Hello, world!" ]
}

no_splat() {
	dmesg | grep -q -E 'WARNING:|BUG:|kernel BUG|Oops|general protection|Call Trace' ||
		return 0
	dmesg | grep -v 'minivmx: ready' | sed 's/^/# /'
	return 1
}

echo "TAP version 13"
if [ -e /dev/minivmx ]; then
	echo "Bail out! minivmx is loaded"
	exit 1
fi

check load_and_unload load_and_unload
check rmmod_while_open rmmod_while_open
check rmmod_while_running rmmod_while_running
check killed killed
check smallest_vmm_minivmx smallest_vmm_on minivmx

if [ -e /dev/kvm ] && [ -e /sys/module/kvm_intel ]; then
	check smallest_vmm_kvm smallest_vmm_on kvm
	check insmod_while_kvm_runs insmod_while_kvm_runs
	check run_while_kvm_runs run_while_kvm_runs
	check both_work_in_turn both_work_in_turn
	check kvm_is_not_disturbed kvm_is_not_disturbed
elif [ "${MINIVMX_REQUIRE_KVM:-}" = 1 ]; then
	check kvm_is_there false
else
	skip insmod_while_kvm_runs "/dev/kvm is not there"
fi
check no_splat no_splat
echo "1..$number"
exit $failed
