#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Writes the golden traces anew, as the lab's guests give them now. Look at the
# difference before you keep it.
set -e
cd "$(dirname "$0")/../.."
make -s selftests
selftests/lab/lab --lane=bochs --get=traces.tar -- sh -c '
insmod minivmx.ko
mkdir traces
MINIVMX_TRACES=traces selftests/trace_test
tar cf traces.tar traces'
tar xmf traces.tar --strip-components=1 -C selftests/trace
rm traces.tar
