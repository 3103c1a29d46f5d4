# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared, see lab
#
# One run of an emulator: its directory, its ports, the time-out, and what
# comes back. Whatever happens, no process and no file of it stays behind.
#
# The four serial ports of the machine end in $machine_dir:
#   console  a file            out, err  named pipes, copied on as they fill
#   back     a file: tar.gz of the command's status and the files to get

machine_dir=
machine_pid=		# leader of the emulator's session
machine_timer=		# ends when the time is up
machine_copiers=()	# they copy out and err
machine_reader=		# reads what the emulator would wait for
machine_tty=		# the terminal's settings before we changed them
machine_step_pid=

machine_setup() {
	machine_dir=$(mktemp -d "${TMPDIR:-/tmp}/minivmx-lab.XXXXXX") ||
		die "no temporary directory can be made"
	trap machine_cleanup EXIT
	# End by the same signal, so that the caller sees what happened.
	trap 'machine_cleanup; trap - INT EXIT; kill -INT $$' INT
	trap 'machine_cleanup; trap - TERM EXIT; kill -TERM $$' TERM
	trap 'machine_cleanup; trap - HUP EXIT; kill -HUP $$' HUP
}

# Runs a command that may take long, in a process group of its own. bash puts
# off traps until a command in the foreground ends, but not while it waits for
# one in the background.
machine_step() {
	local status

	set -m
	"$@" &
	machine_step_pid=$!
	set +m
	wait "$machine_step_pid"
	status=$?
	machine_step_pid=
	return "$status"
}

# A named process may be gone already; that is what we want.
machine_kill() {
	local pid

	for pid; do
		kill -KILL -- "$pid"
	done 2>/dev/null
}

machine_stop() {
	local inner

	[ -n "$machine_pid" ] || return 0
	# Bochs runs in a session of its own below the one we started.
	inner=$(cat "$machine_dir/pid" 2>/dev/null)
	machine_kill ${inner:+"-$inner"} "-$machine_pid"
	wait "$machine_pid" 2>/dev/null
	machine_pid=
}

machine_cleanup() {
	local helpers

	trap '' INT TERM HUP
	[ -n "$machine_step_pid" ] && kill -TERM -- "-$machine_step_pid" 2>/dev/null
	machine_stop
	helpers=(${machine_timer:+"$machine_timer"} \
		${machine_reader:+"$machine_reader"} "${machine_copiers[@]}")
	machine_kill "${helpers[@]}"
	# bash tells of jobs that were killed, to whoever waits for them.
	[ ${#helpers[@]} -eq 0 ] || wait "${helpers[@]}" 2>/dev/null
	[ -n "$machine_tty" ] && stty "$machine_tty" 2>/dev/null
	machine_keep_logs
	rm -rf "$machine_dir"
}

machine_keep_logs() {
	[ -n "$opt_console" ] && [ -e "$machine_dir/console" ] &&
		cat "$machine_dir/console" >"$opt_console"
	[ -n "$opt_emulator_log" ] && [ -e "$machine_dir/emulator.log" ] &&
		cat "$machine_dir/emulator.log" >"$opt_emulator_log"
}

# machine_run EMULATOR [ARG...]: runs it until it ends or the time is up.
machine_run() {
	local ended status fifo

	mkfifo "$machine_dir/out" "$machine_dir/err" || die "no room in $machine_dir"
	cat "$machine_dir/out" &
	machine_copiers+=($!)
	cat "$machine_dir/err" >&2 &
	machine_copiers+=($!)

	setsid "$@" </dev/null >"$machine_dir/emulator.out" 2>&1 &
	machine_pid=$!
	sleep "${opt_timeout:-infinity}" &
	machine_timer=$!
	wait -n -p ended "$machine_pid" "$machine_timer"
	machine_stop
	machine_kill "$machine_timer"
	wait "$machine_timer" 2>/dev/null

	# A copier whose pipe the emulator never opened waits for a writer.
	for fifo in out err; do
		: <>"$machine_dir/$fifo"
	done
	wait "${machine_copiers[0]}"
	status=$?
	wait "${machine_copiers[1]}"
	machine_copiers=()

	if [ "$ended" = "$machine_timer" ]; then
		machine_show_console
		lab_note "the time was up after ${opt_timeout:-} s (--timeout)"
		exit 124
	fi
	# Our reader went away, as with "lab ... | head": say what cat said.
	[ "$status" -eq 0 ] || exit "$status"
}

# The console's end, when it tells of trouble.
machine_show_console() {
	local trouble='Kernel panic|BUG:|Oops|stall|lockup|not syncing'

	if grep -qE "$trouble" "$machine_dir/console" 2>/dev/null; then
		lab_note "the kernel's console ended so:"
		tr -d '\r' <"$machine_dir/console" | tail -n 30 | sed 's/^/lab: | /' >&2
	fi
}

# No status came back: say why.
machine_explain() {
	machine_show_console
	if grep -q 'Kernel panic' "$machine_dir/console" 2>/dev/null; then
		die "the lab's kernel panicked (--console=FILE keeps all that it said)"
	elif [ ! -s "$machine_dir/console" ]; then
		tail -qn 5 "$machine_dir"/emulator.{out,log} 2>/dev/null | sed 's/^/lab: | /' >&2
		die "the emulator could not boot a kernel"
	fi
	die "the lab's Linux went down before COMMAND was done (--console=FILE keeps what its kernel said)"
}

# Unpacks what came back.
machine_unpack() {
	local back=$machine_dir/back.d

	rm -rf "$back"
	mkdir "$back" || die "no room in $machine_dir"
	tar -C "$back" -xzf "$machine_dir/back" 2>/dev/null || machine_explain
	[ -s "$back/status" ] || machine_explain
}

# Delivers the files to get, and exits as the command did.
machine_finish() {
	local back=$machine_dir/back.d status number=0 get file dest

	machine_unpack
	status=$(cat "$back/status")

	for get in "${opt_get[@]}"; do
		number=$((number + 1))
		file=${get%%:*}
		dest=${get#"$file"}
		dest=${dest#:}
		[ -n "$dest" ] || dest=$(basename "$file")
		if [ ! -e "$back/$number" ]; then
			# A command that failed may well not have made it.
			[ "$status" = 0 ] && die "--get: $file: no such file in the lab"
			lab_note "--get: $file: no such file in the lab"
			continue
		fi
		[ -d "$dest" ] && dest=$dest/$(basename "$file")
		cp -rT "$back/$number" "$dest" || die "--get: $dest cannot be written"
	done
	exit "$status"
}
