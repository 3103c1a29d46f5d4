#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Files that libFuzzer makes, for what reads a guest in vmrun: under ASan, with
# LeakSanitizer, and UBSan, on this machine. Prints TAP, a line for each target.
#
#	fuzz_loaders.sh [SECONDS [TARGET...]]	(default: 20, all targets)
#
# A target is selftests/fuzz_loaders/TARGET_fuzz.c. What it found out about its
# format is in build/fuzz_loaders/TARGET/corpus, from where the next run goes on.
# An input that it fails with is kept beside that; build/fuzz_loaders/TARGET/fuzz
# FILE does it again.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
seconds=${1:-20}
shift
lab=selftests/lab/lab
work=build/fuzz_loaders
checks=fuzzer-no-link,address,undefined
# Two of vmrun's files end a table with { NULL }.
flags=(-O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all
	-Wno-missing-field-initializers)

[[ $seconds =~ ^[1-9][0-9]*$ ]] || {
	echo "fuzz_loaders: $seconds: not a number of seconds" >&2
	exit 2
}
if [ $# -eq 0 ]; then
	for file in selftests/fuzz_loaders/*_fuzz.c; do
		set -- "$@" "$(basename "$file" _fuzz.c)"
	done
fi
for target; do
	[ -e "selftests/fuzz_loaders/${target}_fuzz.c" ] || {
		echo "fuzz_loaders: $target: no such target" >&2
		exit 2
	}
done

# What all begin with. A Linux kernel is little more than its header: of the rest,
# nothing is looked at.
seeds() {
	local kernel

	mkdir -p "$work/seeds" && make -s -C guests O="$top/$work/guests" || return
	cp "$work"/guests/{kernel32,kernel64,pvh}.elf "$work/guests/hello.bin" "$work/seeds" ||
		return
	kernel=$($lab --print-kdir --kernel=small)/arch/x86/boot/bzImage || return
	head -c 2048 "$kernel" > "$work/seeds/bzImage" || return
	# setup_sects is 1, syssize 0x40.
	printf '\001' | change 0x1f1 && printf '\100\0\0\0' | change 0x1f4
}

change() {
	dd of="$work/seeds/bzImage" bs=1 seek=$(($1)) conv=notrunc status=none
}

build() {
	local target

	$lab --packages=fuzz &&
		make -s -C userspace O="$top/$work" CC=clang CFLAGS="${flags[*]} -fsanitize=$checks" \
			"$top/$work/libvmrun.a" || return
	for target; do
		mkdir -p "$work/$target/corpus" &&
			clang -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Iuapi "${flags[@]}" \
			-fsanitize=fuzzer,address,undefined -o "$work/$target/fuzz" \
			"selftests/fuzz_loaders/${target}_fuzz.c" selftests/fuzz_loaders/fuzz.c \
			"$work/libvmrun.a" -lelf -lseccomp -ljansson -lcapstone -lz || return
	done
}

# The log has what a sanitizer says, and the name of the input.
run() {
	local target=$1 dir=$work/$1 status executions

	"$dir/fuzz" -max_total_time="$seconds" -max_len=16384 -timeout=10 -rss_limit_mb=1024 \
		-print_final_stats=1 -artifact_prefix="$dir/" "$dir/corpus" "$work/seeds" \
		> "$dir/log" 2>&1
	status=$?
	executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/log")
	if [ $status -eq 0 ] && [ "${executions:-0}" -gt 0 ]; then
		echo "ok $n - fuzz_loaders $target # $executions executions"
		return
	fi
	echo "not ok $n - fuzz_loaders $target # ${executions:-0} executions, status $status"
	grep -v '^#[0-9]' "$dir/log" | tail -n 60 | sed 's/^/# /'
	return 1
}

if ! { build "$@" && seeds; } >&2; then
	echo "1..1"
	echo "not ok 1 - fuzz_loaders build"
	exit 1
fi
echo "TAP version 13"
echo "1..$#"
n=0
failed=0
for target; do
	n=$((n + 1))
	run "$target" || failed=1
done
exit $failed
