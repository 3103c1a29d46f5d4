// SPDX-License-Identifier: GPL-2.0
/*
 * Where a PC has which device: what a guest was looking for that vmrun has not.
 */
#include <stddef.h>

#include "array_size.h"
#include "crash_ports.h"

struct place {
	__u64 first, last;
	const char *device;
};

/* By address; of places that overlap, the first one counts. */
static const struct place ports[] = {
	{ 0x000, 0x01f, "the first DMA controller" },
	{ 0x020, 0x03f, "the first interrupt controller (PIC)" },
	{ 0x040, 0x05f, "the timer (PIT)" },
	{ 0x060, 0x06f, "the keyboard controller" },
	{ 0x070, 0x077, "the clock and CMOS memory (RTC)" },
	{ 0x080, 0x080, "the POST code" },
	{ 0x081, 0x08f, "the DMA page registers" },
	{ 0x092, 0x092, "fast A20 and reset (system control port A)" },
	{ 0x0a0, 0x0bf, "the second interrupt controller (PIC), or power management" },
	{ 0x0c0, 0x0df, "the second DMA controller" },
	{ 0x0e9, 0x0e9, "the debug console of Bochs" },
	{ 0x0f0, 0x0f1, "the coprocessor" },
	{ 0x170, 0x177, "the second IDE controller" },
	{ 0x1ce, 0x1d0, "the display of Bochs (VBE)" },
	{ 0x1f0, 0x1f7, "the first IDE controller" },
	{ 0x200, 0x207, "the game port" },
	{ 0x220, 0x22f, "a Sound Blaster" },
	{ 0x278, 0x27f, "the second parallel port" },
	{ 0x2e8, 0x2ef, "the fourth serial port (COM4)" },
	{ 0x2f8, 0x2ff, "the second serial port (COM2)" },
	{ 0x376, 0x376, "the second IDE controller" },
	{ 0x378, 0x37f, "the first parallel port" },
	{ 0x388, 0x38b, "an AdLib synthesizer" },
	{ 0x3bc, 0x3be, "the parallel port of an MDA" },
	{ 0x3b0, 0x3df, "VGA" },
	{ 0x3e8, 0x3ef, "the third serial port (COM3)" },
	{ 0x3f6, 0x3f6, "the first IDE controller" },
	{ 0x3f0, 0x3f7, "the floppy controller" },
	{ 0x3f8, 0x3ff, "the first serial port (COM1)" },
	{ 0x402, 0x402, "the debug port of SeaBIOS" },
	{ 0x4d0, 0x4d1, "the interrupt controllers' edge or level registers" },
	{ 0x501, 0x501, "the exit port of QEMU, which vmrun has at 0xf4" },
	{ 0x510, 0x51b, "the firmware configuration of QEMU" },
	{ 0x604, 0x607, "power management (ACPI), where QEMU is switched off" },
	{ 0xcf8, 0xcff, "PCI configuration" },
	{ 0x5658, 0x5659, "the backdoor of VMware" },
	{ 0x8900, 0x8900, "the shutdown port of Bochs" },
	{ 0xb004, 0xb007, "power management (ACPI), where Bochs is switched off" },
};

static const struct place addresses[] = {
	{ 0x000a0000, 0x000bffff, "VGA memory" },
	{ 0x000c0000, 0x000fffff, "firmware (BIOS)" },
	{ 0xb0000000, 0xbfffffff, "PCI configuration, where QEMU has it" },
	{ 0xfec00000, 0xfec00fff, "the I/O APIC" },
	{ 0xfed00000, 0xfed003ff, "the HPET" },
	{ 0xfed40000, 0xfed44fff, "the TPM" },
	{ 0xfee00000, 0xfee00fff, "the local APIC" },
	{ 0xfff00000, 0xffffffff, "firmware (BIOS)" },
};

static const char *find(const struct place *places, size_t nr, __u64 address)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (address >= places[i].first && address <= places[i].last)
			return places[i].device;
	return NULL;
}

/** crash_port_device() - what a PC has at a port; NULL if nothing is usual there */
const char *crash_port_device(__u64 port)
{
	return find(ports, ARRAY_SIZE(ports), port);
}

/** crash_address_device() - what a PC has at a guest-physical address; or NULL */
const char *crash_address_device(__u64 address)
{
	return find(addresses, ARRAY_SIZE(addresses), address);
}
