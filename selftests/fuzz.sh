#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# fuzz.sh [SECONDS [SEED]] - the fuzzers, in the debug kernel of the lab
#
# Each of them runs for SECONDS (60) of the lab's clock. SEED is drawn if it is not
# given, and printed. The exit status says whether all invariants held, and the
# kernel did not complain, and no memory was lost.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
seconds=${1:-60}
seed=${2:-$((RANDOM << 30 | RANDOM << 15 | RANDOM))}
lab=selftests/lab/lab

case $seconds$seed in
*[!0-9]*)
	echo "usage: fuzz.sh [SECONDS [SEED]]" >&2
	exit 2
	;;
esac
make -s selftests || exit 1
echo "# fuzz: seed $seed; \"make fuzz DURATION=$seconds SEED=$seed\" begins with it again"
$lab --kernel=debug --cpus=2 --timeout=$((3600 + 60 * seconds)) -- \
	env FUZZ_SEED="$seed" FUZZ_SECONDS="$seconds" selftests/run.sh fuzz
