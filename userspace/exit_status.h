/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_EXIT_STATUS_H
#define VMRUN_EXIT_STATUS_H

/**
 * enum vmrun_status - how vmrun ends where the guest does not say it itself
 * @STATUS_HLT: vCPU 0 executed HLT, and no interrupt would end that; with
 *	--set-vmcs, the processor entered, or, with --check-entry, would
 * @STATUS_USAGE: the command line is wrong
 * @STATUS_LOAD: the guest's file, its initrd, a module or a snapshot cannot be loaded
 * @STATUS_HOST: the device or something else of the host failed
 * @STATUS_TRIPLE_FAULT: triple fault
 * @STATUS_PORT: with --strict, a port or an address that nothing claims
 * @STATUS_ENTRY: VM entry failed, or is known to
 * @STATUS_EXIT: an exit that vmrun cannot handle
 * @STATUS_SANDBOX: --sandbox=on, and a part of the sandbox cannot be had
 * @STATUS_RESET: the guest reset the machine
 * @STATUS_TIMEOUT: --timeout is over, and the guest is not
 * @STATUS_QUIT: Ctrl-A x was typed
 * @STATUS_SAVED: the machine was saved
 * @STATUS_REFUSED: caps: minivmx cannot run on this machine
 *
 * A guest that writes to port 0xf4 chooses any status from 0 to 255. The help
 * text in options_doc.c, and that of caps.c, say the same to the user.
 */
enum vmrun_status {
	STATUS_HLT = 0,
	STATUS_USAGE = 240,
	STATUS_LOAD = 241,
	STATUS_HOST = 242,
	STATUS_TRIPLE_FAULT = 243,
	STATUS_PORT = 244,
	STATUS_ENTRY = 245,
	STATUS_EXIT = 246,
	STATUS_SANDBOX = 247,
	STATUS_REFUSED = 248,
	STATUS_RESET = 249,
	STATUS_TIMEOUT = 250,
	STATUS_QUIT = 251,
	STATUS_SAVED = 252,
};

#endif /* VMRUN_EXIT_STATUS_H */
