#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The page of vmrun --report, in Chromium on this machine: it needs no VT-x.
# Prints TAP.
#
#	report_page_test.sh		what the page does, and how large it is
#	report_page_test.sh time	that 10,000 exits can be read within 2 seconds
#	report_page_test.sh shot PAGE FILE	a picture of a page, in PNG
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
selftests/lab/lab --packages=report || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PYTHONDONTWRITEBYTECODE=1

${CC:-cc} -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Iuapi -Wa,-Iuserspace -O1 -g \
	-fsanitize=address,undefined -fno-sanitize-recover=all \
	-o "$work/records" selftests/report/records.c \
	userspace/{report_html,report_data,json,names}.c userspace/report_page.S \
	-lcapstone &&
	"$work/records" "$work/one.html" 10000 &&
	"$work/records" "$work/two.html" 3000 2 ||
	exit 1

case ${1:-} in
'') python3 selftests/report/page_test.py "$work" ;;
time) python3 selftests/report/page_time.py "$work/one.html" ;;
shot) python3 selftests/report/page_shot.py "$2" "$3" ;;
*)
	echo "usage: report_page_test.sh [time | shot PAGE FILE]" >&2
	exit 2
	;;
esac
