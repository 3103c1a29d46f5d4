#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# lab_test.sh - tests of the lab itself, run on the host; prints TAP
#
# usage: selftests/lab/lab_test.sh [LANE]
#
# LANE is tcg unless given: it is quick, and all lanes share what is tested
# here. The build is not: LAB_NO_BUILD is set, and nothing of build/ is run.

set -u

lane=${1:-tcg}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/lab_test.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# Each lab's files go here, and its processes are known by this variable.
export LAB_NO_BUILD=1 TMPDIR=$work/tmp LAB_TEST_MARK=lab_test.$$
mkdir "$TMPDIR"

# A lab that hangs is a failure too.
limit=300

tests=0
failures=0

# check NAME COMMAND [ARG...]: one test, passed when COMMAND succeeds. What
# the lab said last explains a failure.
check() {
	local name=$1

	shift
	tests=$((tests + 1))
	if "$@"; then
		echo "ok $tests - $name"
	else
		echo "not ok $tests - $name"
		echo "# $*: status $status; standard error:"
		sed 's/^/# /' err | head -n 20
		failures=$((failures + 1))
	fi
}

# Runs the lab: sets status, and leaves files out and err.
lab() {
	timeout -k 10 "$limit" "$here/lab" "--lane=$lane" "$@" >out 2>err </dev/null
	status=$?
}

# Starts the lab in the background, in a group of its own and heeding signals.
# Sets lab_pid; returns when COMMAND, which must say "running", does.
lab_start() {
	local tries

	: >out
	set -m
	env --default-signal=INT,HUP "$here/lab" "--lane=$lane" "$@" >out 2>err </dev/null &
	lab_pid=$!
	set +m
	for ((tries = 0; tries < 600; tries++)); do
		grep -q running out && return
		sleep 0.1
	done
	return 1
}

lab_wait() {
	local tries

	for ((tries = 0; tries < limit * 10; tries++)); do
		kill -0 "$lab_pid" || break
		sleep 0.1
	done
	kill -KILL "$lab_pid"
	wait "$lab_pid"
	status=$?
} 2>/dev/null

has_status() {
	[ "$status" -eq "$1" ]
}

# The lab failed as it should: status 125, and the last line on stderr has it.
is_explained() {
	[ "$status" -eq 125 ] && tail -n 1 err | grep -q "^lab: .*$1"
}

# No process and no file of any lab is left.
nothing_left() {
	local tries

	[ -z "$(ls -A "$TMPDIR")" ] || return 1
	# What was killed may take a moment to go.
	for ((tries = 0; tries < 20; tries++)); do
		marked_processes || return 0
		sleep 0.1
	done
	return 1
}

# True when there is a process, but this one, with our mark.
marked_processes() {
	local environ pid

	for environ in /proc/[0-9]*/environ; do
		pid=${environ//[!0-9]/}
		if [ "$pid" != $$ ] && [ "$pid" != "$BASHPID" ] &&
			grep -aqszx "LAB_TEST_MARK=$LAB_TEST_MARK" "$environ" &&
			grep -aqE 'qemu|bochs|script|sleep|cat|lab' "/proc/$pid/comm"; then
			return 0
		fi
	done 2>/dev/null
	return 1
}

# ------------------------------------------------------------------ status

lab -- true
check "status 0 is passed on" has_status 0
lab -- sh -c 'exit 42'
check "status 42 is passed on" has_status 42
lab -- no_such_command
check "a command that is not there gives 127" has_status 127
# shellcheck disable=SC2016 # the lab's shell is to expand it
lab -- sh -c 'kill -9 $$'
check "a command that signal 9 ended gives 137" has_status 137

# ------------------------------------------------------------------ output

head -c 5000 /dev/urandom >bytes
for byte in {0..255}; do
	# shellcheck disable=SC2059 # the format is the byte
	printf "\\x$(printf %02x "$byte")"
done >>bytes
head -c 3000 /dev/urandom >more_bytes
lab --add=bytes --add=more_bytes:/tmp_bytes -- sh -c 'cat bytes; cat /tmp_bytes >&2'
check "standard output is passed on, byte by byte" cmp -s bytes out
check "standard error is passed on, byte by byte" cmp -s more_bytes err
# shellcheck disable=SC2016 # nothing is to expand it
lab -- printf '<%s>' "it's" 'two  spaces' '' '$HOME *' 'a\b' $'line\nbreak'
# shellcheck disable=SC2016
printf '<%s>' "it's" 'two  spaces' '' '$HOME *' 'a\b' $'line\nbreak' >expected
check "arguments arrive as they were given" cmp -s expected out
lab -- sh -c 'readlink /proc/self/fd/0; pwd; hostname'
printf '/dev/null\n/minivmx\nlab\n' >expected
check "standard input is /dev/null, the directory /minivmx" cmp -s expected out
"$here/lab" "--lane=$lane" -- sh -c 'yes | head -n 20000' 2>err | head -n 1 >out
status=${PIPESTATUS[0]}
check "a reader that goes away ends the lab" has_status 141

# ------------------------------------------------------------------- files

mkdir tree && cp bytes tree/one && echo two >tree/two
lab --add=tree --add=bytes:sub/name --get=bytes2 --get=/minivmx/tree:tree2 \
	--get=sub/name -- cp sub/name bytes2
check "--add and --get of a file" cmp -s bytes bytes2
check "--add and --get of a directory" diff -r tree tree2
check "--add to a path, --get to the current directory" cmp -s bytes name
lab --add="$(type -P env)":/bin/dynamic -- dynamic echo linked
check "--add of a program brings its libraries" grep -qx linked out
lab --get=/no/such/file -- true
check "--get of a file that is not there is explained" is_explained '/no/such/file'
lab --get=/no/such/file -- false
check "--get does not hide the status of a command that failed" has_status 1
lab --add=no_such_file -- true
check "--add of a file that is not there is explained" is_explained 'no_such_file'
lab --console=console -- true
check "--console keeps what the kernel said" grep -q 'Linux version' console

# ------------------------------------------------------------ command line

lab --no-such-option
check "an unknown option is explained" is_explained 'no-such-option'
lab --kernel=no_such_kernel -- true
check "an unknown kernel is explained" is_explained 'no_such_kernel.*small'
lab --cpus=0 -- true
check "a number out of range is explained" is_explained 'cpus'
lab
check "a shell without a terminal is explained" is_explained 'terminal'
lab --cpus=2 --mem=256 --append='lab_test=word' -- sh -c 'nproc; cat /proc/cmdline'
check "--cpus gives CPUs" grep -qx 2 out
check "--append adds to the kernel's command line" grep -q ' lab_test=word' out

# -------------------------------------------------------------------- ends

lab --timeout=15 -- sh -c 'echo before; sleep 100000'
check "the time-out gives 124" has_status 124
check "what was printed before the time-out is there" grep -qx before out
check "the time-out leaves nothing behind" nothing_left

for signal in INT TERM HUP; do
	lab_start -- sh -c 'echo running; sleep 100000'
	check "output streams while the command runs ($signal)" grep -qx running out
	kill -s $signal "$lab_pid"
	lab_wait
	check "$signal ends the lab by that signal" has_status $((128 + $(kill -l $signal)))
	check "$signal leaves nothing behind" nothing_left
done

lab --timeout=100 -- sh -c 'echo c >/proc/sysrq-trigger'
check "a panic is explained" is_explained 'panic'
check "a panic shows the end of the console" grep -q '^lab: | .*Kernel panic' err
lab -- sh -c 'echo b >/proc/sysrq-trigger; sleep 100'
check "a lab that goes down by itself is explained" is_explained 'went down'
lab -- sh -c 'sleep 100000 & echo done'
check "what a command leaves running does not hold up the end" has_status 0

lab_start -- sh -c 'echo running; sleep 20; echo first'
"$here/lab" "--lane=$lane" -- echo second >out2 2>>err
lab_wait
check "two labs at once: the one" grep -qx first out
check "two labs at once: the other" grep -qx second out2
check "nothing is left at the end" nothing_left

echo "1..$tests"
[ "$failures" -eq 0 ]
