#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make check: all tests, two at a time. The last line sums up what the runners
# said. Logs are in build/check/.
#
#	check.sh [NAME...]	only these steps
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
lab=selftests/lab/lab
logs=build/check
jobs=2

# Step bochs has said it, for any kernel and CPU: lists of run.sh.
# shellcheck disable=SC2034 # run_step evaluates what names it
said="of_kvm of_vmrun of_the_emulator"

# A step is a command that prints TAP. Its exit status has to agree with it.
# The longest come first. NAME | what it proves | COMMAND
steps() {
	cat <<'END'
debug   | the core under KASAN, lockdep, kmemleak | $lab --lane=bochs --kernel=debug --timeout=4500 -- selftests/run.sh debug
nested  | the core, on the VT-x of nested KVM     | $lab --lane=nested --timeout=3600 -- selftests/run.sh core
bochs   | everything, on Bochs's VT-x             | $lab --lane=bochs --timeout=2700 -- selftests/run.sh full
stock   | the core on Debian's, with mitigations  | $lab --lane=bochs --kernel=stock --append=mitigations=auto --timeout=2700 -- env MINIVMX_LEAVE_OUT="$said" selftests/run.sh core
bochs2  | the core, 2 CPUs of another model       | LAB_BOCHS_CPU=corei7_haswell_4770 $lab --lane=bochs --cpus=2 --timeout=2700 -- env MINIVMX_LEAVE_OUT="$said" selftests/run.sh core
linux   | Linux in vmrun, on minivmx and on KVM    | $lab --lane=bochs --linux=small --linux=stock --timeout=2700 -- selftests/run.sh linux
streams | random instructions, as KVM has them    | $lab --lane=bochs --timeout=1800 -- sh -c 'MINIVMX_STREAMS=10000 selftests/run.sh streams'
devices | vmrun's devices and crash reports, without VT-x | selftests/devices_test.sh
ends    | reboot, panic and kexec under guests    | selftests/machine_end_test.sh
static  | checkpatch, sparse, W=1, shellcheck     | selftests/static.sh
lab     | the lab itself                          | selftests/lab/lab_test.sh
l1tf    | exits, with other mitigations           | $lab --lane=bochs --append="mitigations=auto l1tf=full mds=off mmio_stale_data=off" -- selftests/run.sh exits
sanitize | vmrun's loaders under ASan and UBSan    | selftests/sanitize.sh
fuzz_loaders | the same, on what libFuzzer makes     | selftests/fuzz_loaders.sh 10
report  | vmrun --report, in a browser            | selftests/report_page_test.sh
docs    | every ioctl, difference and link        | selftests/docs_test.sh
tcg     | what needs no VT-x, and its refusal     | $lab --lane=tcg -- selftests/run.sh preflight
END
}

# From the lines of a TAP log: "PASSED FAILED SKIPPED". A line counts once: the
# last one of the form "N passed, N failed, N skipped" is a sum of those before.
count() {
	awk '
	/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ {
		p = $1; f = $3; s = $5; summed = 1; next
	}
	/^ok .*# SKIP/ { skip++; next }
	/^ok / { ok++ }
	/^not ok / { bad++ }
	END {
		if (summed) print p, f, s
		else print ok + 0, bad + 0, skip + 0
	}' "$1"
}

# What a log says of KVM and minivmx side by side: ioctls, then guests.
table() {
	grep -E '^# (ioctl|KVM_[A-Z0-9_]+|any) \|' "$1" | sed 's/^# //'
	awk -F ' [|] ' '
	/^# guest \| / && $2 !~ /^\/tmp/ {
		if (!($2 in seen)) { seen[$2] = 1; order[n++] = $2 }
		if ($3 ~ /kvm$/) { if (!($2 in kvm)) kvm[$2] = $4 }
		else if (!($2 in own)) own[$2] = $4
	}
	END {
		if (n) print "guest | KVM | minivmx"
		for (i = 0; i < n; i++) {
			g = order[i]
			same = kvm[g] == own[g] ? "the same" : own[g]
			print g " | " (g in kvm ? kvm[g] : "not asked") " | " same
		}
	}' "$1"
	grep -E '^# (documented:|[0-9]+ streams)' "$1" | sed 's/^# //'
}

run_step() {
	local name=$1 command=$2 start=$SECONDS status

	eval "$command" > "$logs/$name.log" 2>&1 < /dev/null
	status=$?
	echo "$status $((SECONDS - start))" > "$logs/$name.status"
}

for name; do
	steps | grep -q "^$name " && continue
	echo "check: $name: no such step; there are: $(steps | sed 's/ .*//' | paste -sd ' ')" >&2
	exit 2
done

mkdir -p "$logs"
rm -f "$logs"/*
# Packages, kernels and programs: once, before two labs ask at the same time.
if ! { $lab --packages=static && $lab --packages=report && $lab --packages=devices &&
	$lab --packages=fuzz &&
	$lab --prepare --lane=nested &&
	$lab --prepare --lane=tcg && $lab --prepare --lane=bochs --kernel=stock &&
	$lab --prepare --lane=bochs --kernel=debug &&
	make -s selftests && make -s lab-payload \
	"KDIR=$($lab --print-kdir --kernel=small)"; } > "$logs/build.log" 2>&1; then
	cat "$logs/build.log"
	echo "check: the build failed"
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
fi

names=()
while IFS='|' read -r name _ command; do
	name=${name// /}
	[ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
	names+=("$name")
	while [ "$(jobs -rp | wc -l)" -ge $jobs ]; do
		wait -n
	done
	run_step "$name" "$command" &
done < <(steps)
wait

passed=0
failed=0
skipped=0
for name in "${names[@]}"; do
	# Not there: it was killed.
	status=1 seconds=0
	[ -e "$logs/$name.status" ] && read -r status seconds < "$logs/$name.status"
	read -r p f s < <(count "$logs/$name.log")
	# A runner that died, or ran nothing, has not passed.
	if [ "$f" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$p" -eq 0 ]; }; then
		echo "check: $name: $p tests passed, then it ended with status $status"
		f=1
	fi
	if [ "$f" -gt 0 ]; then
		tail -n 60 "$logs/$name.log"
	fi
	grep -h -E '^ok .*# SKIP' "$logs/$name.log" | sed "s/^/$name: /"
	if grep -qE '^# (ioctl [|] cases|documented:)' "$logs/$name.log"; then
		echo "--- KVM and minivmx, $name lane"
		table "$logs/$name.log"
		echo "---"
	fi
	printf '%-8s %4d passed %3d failed %3d skipped %5d s  %s/%s.log\n' \
		"$name" "$p" "$f" "$s" "$seconds" "$logs" "$name"
	passed=$((passed + p))
	failed=$((failed + f))
	skipped=$((skipped + s))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
