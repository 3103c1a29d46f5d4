#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vmrun's loaders under ASan and UBSan, on this machine: they need no VT-x.
# Prints TAP, and what a sanitizer found.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
selftests/lab/lab --packages=build || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make -s -C guests O="$work/guests" &&
	${CC:-cc} -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Iuapi -O1 -g \
		-fsanitize=address,undefined -fno-sanitize-recover=all \
		-o "$work/loader_sanitize" selftests/loader_{sanitize,pvh,linux}.c \
		userspace/{flat,image,boot,multiboot,pvh,elf_file,elf_note,bzimage,vcpu,cpuid}.c \
		userspace/{boot_sector,bios,bios_start,bios_disk,bios_keyboard}.c userspace/bios_rom.S \
		userspace/devices/bus.c -lelf ||
	exit 1
# Against a hang: it takes seconds.
timeout 600 "$work/loader_sanitize" "$work"/guests/{kernel32,kernel64,kernel_irq,pvh}.elf \
	"$work"/guests/{hello,boot}.bin 2> "$work/said"
status=$?
grep -A 30 -E 'ERROR: |runtime error: ' "$work/said"
exit $status
