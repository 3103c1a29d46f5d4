#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the documentation says, against what is there: prints TAP, and after a
# failure what is wrong. Needs a compiler; no lab.
#
# Breakage it catches: an ioctl, a capability, an exit or a flag that nobody
# wrote about, a difference from KVM without a reason that a reader can look up,
# a reason that is history, a link or a file name that leads nowhere, a structure
# that has changed since, C that does not compile.
#
# shellcheck disable=SC2016 # backticks are Markdown's
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
export LC_ALL=C
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

headers=(uapi/minivmx.h uapi/minivmx_ext.h uapi/minivmx_lab.h uapi/minivmx_ept.h
	uapi/minivmx_trace.h uapi/minivmx_quantum.h)
api=(docs/api.md docs/api-*.md)
pages=(README.md docs/*.md)
explained=selftests/diff/explained.c
documented=selftests/stream/documented.c

# File names that a page makes up.
not_ours="guests/mine.S t.S mine.bin short.bin forever.bin second.bin"

# ------------------------- helpers ---------------------------------------

# missing WHAT LIST FILE: lines of LIST that FILE does not have. An empty LIST
# means that this script cannot read its source any more.
missing() {
	local line status=0

	if [ ! -s "$2" ]; then
		echo "found nothing: $1"
		return 1
	fi
	while IFS= read -r line; do
		grep -qxF -e "$line" "$3" && continue
		echo "$1: $line"
		status=1
	done < "$2"
	return $status
}

# The lines of a page between "## TITLE" and the next one of that level.
section() {
	awk -v title="## $2" '
	$0 == title { on = 1; next }
	/^## / { on = 0 }
	on' "$1"
}

# column N < TABLE: that column of its rows, without the head and backticks
column() {
	awk -F ' *[|] *' -v n="$1" '
	!/^[|]/ { rows = 0; next }
	++rows > 2 { gsub(/`/, "", $(n + 1)); print $(n + 1) }'
}

# Macros of ioctls, one a line.
ioctls() {
	sed -e ':a' -e '/\\$/N; s/\\\n//; ta' "${headers[@]}" |
		sed -nE 's/^#define (MINIVMX_[A-Z0-9_]+)[[:space:]]+_IO[WR]*\(.*/\1/p'
}

# Titles of pages, one name a line.
titles() {
	sed -n 's/^### //p' "${api[@]}" | tr ',' '\n' | sed 's/^ *//'
}

# The text of a C file on one line, without comments and preprocessor lines.
flat() {
	sed -E 's/^#.*[^\\]$//; s/\\$//' "$1" | tr '\n\t' '  ' |
		sed -E 's/\/\*([^*]|\*[^\/])*\*\// /g'
}

# Reasons that explained.c gives: a macro's text, or a string.
reasons() {
	flat "$explained" | grep -o '{ "[^{}]*}' |
		sed -E 's/ *\}$//; s/^.*, *//' | sort -u |
		while IFS= read -r reason; do
			case $reason in
			\"*\") reason=${reason#\"} && echo "${reason%\"}" ;;
			*) sed -nE "s/^#define ${reason}[[:space:]]+\"(.*)\"\$/\\1/p" \
				"$explained" "${explained%/*}/diff.h" |
				grep . || echo "no text for $reason" ;;
			esac
		done
}

# Names in documented[].
names() {
	flat "$documented" | sed 's/.*documented\[\] = {//' |
		grep -oE '\{ "[^"]*"' | sed 's/^{ "//; s/"$//'
}

# As GitHub makes the anchors of a page.
anchors() {
	awk '/^```/ { code = !code } !code && /^#+ / { sub(/^#+ */, ""); print }' "$1" |
		sed -E 's/\[([^]]*)\]\([^)]*\)/\1/g' | tr '[:upper:]' '[:lower:]' |
		sed -E 's/[^a-z0-9_ -]//g; s/ /-/g'
}

# Blocks of C: $work/page-N.c
c_blocks() {
	local page

	for page in "${api[@]}"; do
		awk -v out="$work/$(basename "$page" .md)" '
		/^```c$/ { file = sprintf("%s-%03d.c", out, ++n); next }
		/^```/ { file = "" }
		file { print > file }' "$page"
	done
	ls "$work"/*-[0-9][0-9][0-9].c > /dev/null
}

first_line_is() {
	head -n 1 "$2" | grep -qE -e "$1"
}

# ------------------------- the checks ------------------------------------

every_ioctl_has_a_page() {
	ioctls > "$work/list"
	titles > "$work/titles"
	missing "no page for" "$work/list" "$work/titles"
}

every_ioctl_is_in_the_table() {
	ioctls > "$work/list"
	section docs/api.md "The ioctls" | column 1 | grep -oE 'MINIVMX_[A-Z0-9_]+' > "$work/rows"
	missing "no row for" "$work/list" "$work/rows"
}

every_page_has_an_ioctl() {
	titles | grep -v '^MINIVMX_EXIT_\|^Outside' > "$work/titles"
	ioctls > "$work/list"
	missing "a page for what is not there" "$work/titles" "$work/list"
}

# Returns and errors: a page without them is not finished.
every_page_is_complete() {
	awk '
	function check() {
		if (title && !(returns && errors && code))
			print FILENAME ": " title ": no " (code ? returns ? \
				"errors" : "return" : "synopsis")
	}
	FNR == 1 || /^##/ {
		check()
		title = ""
	}
	/^### MINIVMX_/ && !/MINIVMX_EXIT_/ {
		title = $0; returns = errors = code = 0
	}
	/\*\*Returns\*\*/ { returns = 1 }
	/\*\*Errors\*\*|^[|] error [|]/ { errors = 1 }
	/^```c$/ { code = 1 }
	END { check() }' "${api[@]}" > "$work/incomplete"
	cat "$work/incomplete"
	[ ! -s "$work/incomplete" ]
}

every_capability_is_in_the_table() {
	sed -nE 's/^#define (MINIVMX_CAP_[A-Z0-9_]+)[[:space:]]+([0-9]+).*/\1 \2/p' \
		uapi/minivmx.h > "$work/list"
	section docs/api.md Capabilities > "$work/section"
	paste -d ' ' <(column 1 < "$work/section") <(column 2 < "$work/section") |
		grep '^MINIVMX_CAP_' > "$work/rows"
	missing "no row for" "$work/list" "$work/rows" &&
		missing "a row for what is not there" "$work/rows" "$work/list"
}

every_exit_and_flag_is_there() {
	sed -nE -e '/MINIVMX_EXIT_IO_/d' -e \
		's/^#define (MINIVMX_(EXIT|MEM|GUESTDBG|INTERNAL_ERROR)_[A-Z0-9_]+)[[:space:]].*/\1/p' \
		uapi/*.h > "$work/list"
	# The debugger's flags have a table of their own, without the prefix.
	cat "${api[@]}" | grep -oE '(MINIVMX_)?[A-Z0-9_]+' | sort -u |
		sed 'p; s/^/MINIVMX_GUESTDBG_/' > "$work/words"
	grep -v MINIVMX_INTERNAL_ERROR_EMULATION_FLAG "$work/list" > "$work/wanted"
	missing "nothing about" "$work/wanted" "$work/words"
}

every_difference_has_a_row() {
	section docs/api.md "Differences from KVM" | column 1 > "$work/rows"
	reasons > "$work/reasons"
	names > "$work/names"
	missing "no row for" "$work/reasons" "$work/rows" &&
		missing "no row for" "$work/names" "$work/rows"
}

every_row_is_a_difference() {
	section docs/api.md "Differences from KVM" | column 1 > "$work/rows"
	{ reasons && names; } > "$work/list"
	missing "not used any more" "$work/rows" "$work/list"
}

# Four columns, none of them empty.
every_row_is_full() {
	section docs/api.md "Differences from KVM" | grep '^|' |
		awk -F ' *[|] *' 'NF != 6 || !$2 || !$3 || !$4 || !$5 {
			print "not four columns: " $0
			bad = 1
		}
		END { exit bad || NR < 3 }'
}

every_link_leads_somewhere() {
	local page link file anchor status=0 count=0

	for page in "${pages[@]}"; do
		while IFS= read -r link; do
			count=$((count + 1))
			case $link in
			http://* | https://* | mailto:*) continue ;;
			esac
			file=${link%%#*}
			file=${file:+$(dirname "$page")/$file}
			file=${file:-$page}
			if [ ! -e "$file" ]; then
				echo "$page: $link: no such file"
				status=1
				continue
			fi
			anchor=${link#*#}
			[ "$anchor" = "$link" ] && continue
			anchors "$file" | grep -qxF -e "$anchor" && continue
			echo "$page: $link: no such heading"
			status=1
		done < <(grep -oE '\]\([^)]*\)' "$page" | sed 's/^](//; s/)$//')
	done
	[ "$count" -gt 0 ] && return $status
}

# A name with a slash counts from the top or from the page, one without
# anywhere. A .bin is made of a .S.
every_file_exists() {
	local page name file status=0

	find . \( -path ./build -o -path ./.git \) -prune -o -type f -print |
		sed 's|^\./||' > "$work/files"
	sed 's|.*/||' "$work/files" > "$work/basenames"
	for page in "${pages[@]}"; do
		while IFS= read -r name; do
			[[ " $not_ours " == *" $name "* ]] && continue
			file=${name/%.bin/.S}
			case $name in
			build/*) file=${file#build/} ;;
			esac
			case $file in
			../*) file=${file#../} ;;
			esac
			if [[ $file == */* ]]; then
				grep -qxF -e "$file" "$work/files" && continue
			else
				grep -qxF -e "$file" "$work/basenames" && continue
			fi
			echo "$page: $name: no such file"
			status=1
		done < <(sed -E 's/<[^>]*>//g' "$page" |
			grep -oE '[A-Za-z0-9_./-]+\.(c|h|S|sh|md|bin|config)\b' | sort -u)
	done
	return $status
}

# A directory too, if it is written with its parent: selftests/diff.
every_directory_exists() {
	local page name status=0

	for page in "${pages[@]}"; do
		while IFS= read -r name; do
			[ -e "$name" ] && continue
			echo "$page: $name: no such file or directory"
			status=1
		done < <(grep -oE '`(module|uapi|userspace|guests|selftests|docs)/[A-Za-z0-9_./-]*`' \
			"$page" | tr -d '`' | grep -vxF "${not_ours// /$'\n'}" | sort -u)
	done
	return $status
}

# "Who calls whom" has a place for each file of the module.
every_module_file_has_its_place() {
	grep -oE '\bmodule/[a-z_]+\.o\b' Kbuild | sed 's|^module/||; s|\.o$||' |
		sort -u > "$work/list"
	section docs/internals.md "Who calls whom" | grep -oE '^    .*' |
		grep -oE '[a-z_]+\.[cS]\b' | sed 's/\..*//' | sort -u > "$work/rows"
	missing "no place for" "$work/list" "$work/rows"
}

# Word for word, but for comments and the width of white space.
structures_are_the_headers() {
	local block status=0

	sed -E 's/^#.*//' uapi/*.h | tr '\n' ' ' |
		sed -E 's/\/\*([^*]|\*+[^*\/])*\*+\// /g; s/[[:space:]]+/ /g' > "$work/uapi"
	c_blocks || return 1
	for block in "$work"/*-[0-9][0-9][0-9].c; do
		first_line_is '^struct minivmx_[a-z0-9_]+ [{]$' "$block" || continue
		tr -s '[:space:]' ' ' < "$block" | sed 's/ $//' > "$work/block"
		grep -qF -e "$(cat "$work/block")" "$work/uapi" && continue
		echo "not in uapi/: $(head -n 1 "$block")"
		status=1
	done
	return $status
}

# Programs are linked, lines become functions.
c_compiles() {
	local cc=${CC:-cc} block status=0
	local flags=(-std=gnu11 -O2 -Wall -Wextra -Werror -Iuapi)

	c_blocks || return 1
	{
		echo '#include <string.h>'
		echo '#include <sys/ioctl.h>'
		echo '#include <sys/mman.h>'
		echo '#include <minivmx.h>'
		echo 'extern int dev, vm, vcpu;'
		echo 'extern char *mapping, *memory;'
		echo 'void handle_write(__u64 address, __u8 *data, __u32 len, int pio);'
	} > "$work/lines.c"
	for block in "$work"/*-[0-9][0-9][0-9].c; do
		if first_line_is '^#include' "$block"; then
			$cc "${flags[@]}" -o "$work/program" "$block" || status=1
		elif ! first_line_is '^struct minivmx_[a-z0-9_]+ [{]$' "$block"; then
			block=${block##*/}
			echo "void ${block//[-.]/_}(void);"
			echo "void ${block//[-.]/_}(void)"
			echo "{"
			echo "#line 1 \"$block\""
			cat "$work/$block"
			echo "}"
		fi
	done >> "$work/lines.c"
	# A line that shows what an ioctl returns need not use it.
	$cc "${flags[@]}" -Wno-unused-variable -Wno-unused-but-set-variable \
		-Wno-maybe-uninitialized -c -o "$work/lines.o" "$work/lines.c" || status=1
	return $status
}

# defined NAME FILE: a function, a label of assembly, or a table (NAME[])
defined() {
	local name=${1%??}

	case $1 in
	*"[]") grep -qE "^[a-z].*[ *]${name}\[.*= \{$" "$2" ;;
	*) grep -qE -e "^[a-z].*[ *]${name}\([^;]*$" \
		-e "^SYM_(FUNC_START|INNER_LABEL)\(${name}[,)]" "$2" ;;
	esac
}

# The tour names a function with its file, the first time at least.
tour_names_what_is_there() {
	local name status=0

	grep -oE '[a-z_/]+\.[cSh]:[a-z0-9_]+(\(\)|\[\])' docs/tour.md | sort -u > "$work/pairs"
	while IFS= read -r name; do
		[ -e "${name%%:*}" ] && defined "${name#*:}" "${name%%:*}" && continue
		echo "docs/tour.md: $name: no such definition"
		status=1
	done < "$work/pairs"
	sed 's/.*://' "$work/pairs" > "$work/known"
	grep -oE '`[a-z0-9_]+(\(\)|\[\])' docs/tour.md | tr -d '`' | sort -u > "$work/bare"
	missing "docs/tour.md: no file for" "$work/bare" "$work/known" || status=1

	grep -oE '\bVMCS_[A-Z0-9_]+' docs/tour.md | sed 's/^VMCS_//' > "$work/fields"
	sed -nE 's/^\tF\(([A-Z0-9_]+),.*/\1/p' uapi/vmcs_fields.h > "$work/table"
	missing "docs/tour.md: no such field" "$work/fields" "$work/table" || status=1
	return $status
}

# As vmrun printed it when the golden traces were made; their first column counts.
tour_quotes_the_trace() {
	sed -nE 's/^ +[0-9]+ (0x[0-9a-f]+ [A-Z].*)/\1/p' docs/tour.md > "$work/quotes"
	sed -E 's/^ +[0-9]+ //' selftests/trace/hello.trace > "$work/trace"
	missing "docs/tour.md: not in hello.trace" "$work/quotes" "$work/trace"
}

# As selftests/vmcs_map.sh makes it now.
vmcs_map_is_up_to_date() {
	selftests/vmcs_map.sh > "$work/map" && diff docs/vmcs-map.md "$work/map"
}

# ------------------------- TAP -------------------------------------------

checks=(every_ioctl_has_a_page every_ioctl_is_in_the_table every_page_has_an_ioctl
	every_page_is_complete every_capability_is_in_the_table every_exit_and_flag_is_there
	every_difference_has_a_row every_row_is_a_difference every_row_is_full
	every_link_leads_somewhere every_file_exists every_directory_exists
	every_module_file_has_its_place structures_are_the_headers c_compiles
	tour_names_what_is_there tour_quotes_the_trace vmcs_map_is_up_to_date)
n=0
failed=0

echo "TAP version 13"
for check in "${checks[@]}"; do
	n=$((n + 1))
	rm -f "$work"/*
	if $check > "$work.log" 2>&1; then
		echo "ok $n - docs.$check"
	else
		failed=$((failed + 1))
		echo "not ok $n - docs.$check"
		sed 's/^/# /' "$work.log"
	fi
	rm -f "$work.log"
done
echo "1..$n"
[ "$failed" -eq 0 ]
