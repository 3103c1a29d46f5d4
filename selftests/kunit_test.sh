#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The KUnit suites, as TAP. They need no VT-x. A suite runs when its module is
# loaded and reports to the kernel's log, its cases indented by four spaces.
cd "$(dirname "$0")/.." || exit 1

if [ ! -e minivmx_test.ko ]; then
	echo "1..1"
	echo "ok 1 - kunit # SKIP $(uname -r) was built without KUnit"
	exit 0
fi
before=$(dmesg | wc -l)
insmod minivmx_test.ko || exit 1
dmesg | tail -n +$((before + 1)) | sed 's/^\[ *[0-9.]*\] //' | awk '
	$1 == "#" && $2 == "Subtest:" { suite = $3 }
	/^    (not )?ok / {
		bad = $1 == "not"
		failed += bad
		printf "%s %d - %s.%s\n", bad ? "not ok" : "ok", ++n, suite, $(bad + 3)
		next
	}
	suite { print "# " $0 }
	END { print "1.." n + 0; exit failed > 0 || n == 0 }'
status=$?
rmmod minivmx_test || status=1
exit $status
