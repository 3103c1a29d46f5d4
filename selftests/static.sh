#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What can be told from the text: checkpatch, sparse, warnings, shellcheck.
# Prints TAP, and after it what was found.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
lab=selftests/lab/lab
kdir=$($lab --print-kdir --kernel=small) || exit 1
$lab --packages=static || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0
failed=0

# result NAME STATUS LOG
result() {
	n=$((n + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $n - $1"
	else
		failed=$((failed + 1))
		echo "not ok $n - $1"
		sed 's/^/# /' "$3"
	fi
}

# Where a message of checkpatch is not followed: FILE TYPES, and why.
exceptions() {
	case $1 in
	# Tables, made by handing them a macro: they have no parentheses and one
	# row a line, however long the SDM's name is.
	uapi/vmcs_fields.h | uapi/vmx_controls.h | uapi/entry_rules.h)
		echo COMPLEX_MACRO,MACRO_ARG_REUSE,LONG_LINE,BIT_MACRO
		;;
	# Tracepoints look as everywhere in the kernel; the macros are lists.
	module/trace.h) echo COMPLEX_MACRO,PARENTHESIS_ALIGNMENT,OPEN_ENDED_LINE ;;
	# User space has no __printf().
	userspace/text.h) echo PREFER_DEFINED_ATTRIBUTE_MACRO ;;
	# It declares a function for each row of a table.
	module/entry_check.h) echo TRAILING_SEMICOLON ;;
	# It defines functions; the width is a constant.
	module/vmcs.h) echo MACRO_ARG_REUSE ;;
	# In "vmxon %0" it is the instruction that is named, not the function.
	module/vmx_insn.h) echo EMBEDDED_FUNCTION_NAME ;;
	# Headers of user space have no BIT().
	uapi/*) echo BIT_MACRO ;;
	# A bit is a field whose first bit is its last.
	userspace/caps_tables.c) echo MACRO_ARG_REUSE ;;
	# A column is a field: its name, where it is and how large; capstone's types.
	userspace/report_data.c) echo MACRO_ARG_REUSE,PREFER_KERNEL_TYPES ;;
	userspace/report_html.c) echo PREFER_KERNEL_TYPES ;;
	# libelf names its types so.
	userspace/elf_file.c | userspace/elf_note.c) echo CAMELCASE ;;
	# Kernel code: no exceptions.
	selftests/kunit/* | selftests/hoststate/*) ;;
	# User-space programs have no u8 and no ARRAY_SIZE. The macros around
	# kselftest_harness.h are used as it uses its own, and take blocks.
	selftests/diff/*)
		# Texts that are compared are one string each.
		echo "$user_space,LONG_LINE_STRING,PREFER_DEFINED_ATTRIBUTE_MACRO"
		;;
	selftests/fuzz/fuzz.h)
		echo "$user_space,PREFER_DEFINED_ATTRIBUTE_MACRO"
		;;
	selftests/*.c | selftests/*.h) echo "$user_space" ;;
	esac
}
user_space=PREFER_KERNEL_TYPES,ARRAY_SIZE,VOLATILE,MACRO_ARG_REUSE,SPACING
user_space+=,COMPLEX_MACRO,TRAILING_SEMICOLON,MULTISTATEMENT_MACRO_USE_DO_WHILE,BRACES,CAMELCASE

checkpatch() {
	local file ignore status=0

	while read -r file; do
		ignore=$(exceptions "$file")
		perl "$kdir/scripts/checkpatch.pl" --no-tree --strict --quiet \
			--show-types --no-summary ${ignore:+--ignore "$ignore"} \
			-f "$file" || status=1
	done < <(git ls-files -co --exclude-standard '*.c' '*.h' '*.S')
	return $status
}

# Everything at once, from scratch: sparse and W=1 say nothing of what is built.
warnings() {
	cp -r Kbuild module uapi "$work" && mkdir "$work/selftests" &&
		cp -r selftests/kunit selftests/hoststate "$work/selftests" &&
		make -C "$kdir" M="$work" C=2 W=1 MINIVMX_TESTS=1 modules \
			2>&1 >"$work/build.log" | tee "$work/said"
	[ "${PIPESTATUS[0]}" -eq 0 ] && [ ! -s "$work/said" ]
}

user_warnings() {
	make -s -C userspace O="$work/bin" CFLAGS='-O2 -Wall -Wextra -Werror' 2>&1
}

scripts() {
	local files
	mapfile -t files < <(git ls-files -co --exclude-standard .ci selftests |
		while read -r f; do
			head -c 64 "$f" | head -n 1 | grep -q '^#!.*sh' && echo "$f"
		done)
	shellcheck -x "${files[@]}"
}

echo "TAP version 13"
for check in checkpatch warnings user_warnings scripts; do
	$check > "$work/log" 2>&1
	result "$check" $? "$work/log"
done
echo "1..$n"
[ "$failed" -eq 0 ]
