#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Which function of the module writes which VMCS field, and which reads it: prints
# docs/vmcs-map.md. Ends with status 1 if a field is used in a way it does not know.
set -e
cd "$(dirname "$0")/.."
export LC_ALL=C

# What judges or copies a whole VMCS, by index, is in the text instead: snapshot.c, lab*.c,
# entry_*.c; so is asm-offsets.c, which hands a name to vmenter.S.
sources=$(echo module/*.c module/*.S | tr ' ' '\n' |
	grep -v '/snapshot\.c$\|/lab[_.]\|/entry_\|/asm-offsets\.c$')

cat <<'EOF'
# Who touches which VMCS field

Made by `selftests/vmcs_map.sh` from `uapi/vmcs_fields.h` and the calls of `vmcs_write16()`,
`vmcs_read16()` and their like in `module/`. A name has `VMCS_` in front of it in the code.

Not listed are those who treat all fields alike: `snapshot_read()` in `snapshot.c` reads
each field for `MINIVMX_GET_VMCS`, for `vmrun` when an entry failed, and for the lab;
`snapshot_write()` puts them back after `MINIVMX_TRY_ENTRY`; the rules of VM entry in
`entry_check.c` judge such a copy. The processor reads and writes most fields itself, at
each entry and exit.
EOF

# shellcheck disable=SC2086 # a list
awk '
function add(list, field, where)
{
	if (!(field in line)) {
		print "vmcs_map.sh: no field " field ": " where > "/dev/stderr"
		bad = 1
	}
	if (!index(list[field] ", ", where ", "))
		list[field] = list[field] (list[field] ? ", " : "") where
}

# The fields of a segment register, as sregs.c has them in a table.
function add_segments(list, part, where,	s)
{
	for (s in segments)
		add(list, "GUEST_" s "_" toupper(part), where)
}

# One statement: take each use of a field out, then none may be left.
function statement(text, where,		use, fields, n, i)
{
	gsub(/\/\*[^*]*\*\//, "", text)
	while (match(text, /(vmcs_read[0-9l]*|vmcs_write[0-9l]*|vmread|peek|read_cr)\([A-Z0-9_, \t]*VMCS_[A-Z0-9_]+|vmcs_(read|write)\(f->[a-z_]+/)) {
		use = substr(text, RSTART, RLENGTH)
		text = substr(text, 1, RSTART - 1) " " substr(text, RSTART + RLENGTH)
		fields = use
		sub(/^[^(]*\(/, "", fields)
		if (fields ~ /^f->/) {
			sub(/^f->/, "", fields)
			if (use ~ /^vmcs_write/)
				add_segments(writes, fields, where)
			else
				add_segments(reads, fields, where)
			continue
		}
		n = split(fields, name, /[, \t]+/)
		for (i = 1; i <= n; i++) {
			sub(/^VMCS_/, "", name[i])
			if (use ~ /^vmcs_write/)
				add(writes, name[i], where)
			else
				add(reads, name[i], where)
		}
	}
	while (match(text, /VMCS_[A-Z0-9_]+/)) {
		use = substr(text, RSTART + 5, RLENGTH - 5)
		text = substr(text, RSTART + RLENGTH)
		if (use in line) {
			print "vmcs_map.sh: not understood: VMCS_" use ": " where > "/dev/stderr"
			bad = 1
		}
	}
}

# The table.
FILENAME ~ /vmcs_fields\.h$/ {
	if (/^#define VMCS_[A-Z_]+_FIELDS\(F\)/ && !/VMCS_ADDRESS_/)
		nr_groups++
	if (match($0, /F\([A-Z0-9_]+,[ \t]+0x/)) {
		name_of = substr($0, RSTART + 2, RLENGTH - 2)
		sub(/,.*/, "", name_of)
		line[name_of] = ++nr
		field[nr] = name_of
		group[nr] = nr_groups
		match($0, /"[^"]*"/)
		sdm[nr] = substr($0, RSTART + 1, RLENGTH - 2)
	}
	next
}

FNR == 1 {
	file = FILENAME
	sub(/^.*\//, "", file)
	where = text = ""
}

# Where we are: a definition begins in the first column.
/^[a-z].*[a-z0-9_]+\(/ && !/;$/ {
	where = $0
	sub(/\(.*/, "", where)
	sub(/^.*[ *]/, "", where)
	where = "`" file "` `" where "()`"
}
/^SYM_FUNC_START\(/ {
	where = $0
	gsub(/^.*\(|\).*$/, "", where)
	where = "`" file "` `" where "()`"
}
/^\tSEGMENT\([a-z]+, [A-Z]+\),$/ {
	part = $2
	sub(/\).*/, "", part)
	segments[part]
}
# vmenter.S has one field, by a constant of asm-offsets.c.
/^\tmov\t\$[A-Z_]+_FIELD,/ {
	part = $2
	gsub(/^\$|_FIELD,$/, "", part)
	add(writes, part, where)
}
/^[ \t]*(\/\*|\*)/ || /##/ { next }
{ text = text " " $0 }
/[;{}]/ {
	statement(text, where)
	text = ""
}

END {
	split("Controls|Exit information|Guest state|Host state", titles, "|")
	for (i = 1; i <= nr; i++) {
		name_of = field[i]
		if (!(name_of in writes) && !(name_of in reads)) {
			nobody = nobody (nobody ? ", " : "") "`" name_of "`"
			continue
		}
		if (group[i] != last) {
			last = group[i]
			print "\n## " titles[last] "\n\n| field | the SDM says | written by | read by |"
			print "|---|---|---|---|"
		}
		printf "| `%s` | %s | %s | %s |\n", name_of, sdm[i],
			name_of in writes ? writes[name_of] : "-",
			name_of in reads ? reads[name_of] : "-"
	}
	print "\n## Nobody\n\nNo function touches: " nobody "."
	exit bad || nr_groups != 4
}' uapi/vmcs_fields.h $sources
