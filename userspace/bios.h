/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_BIOS_H
#define VMRUN_BIOS_H

/* INT n is an OUT to port BIOS_PORT + n - BIOS_FIRST, for n from 10h to 1ah. */
#define BIOS_PORT	0xb0
#define BIOS_FIRST	0x10
#define BIOS_NR		11

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stddef.h>

#include "devices/bus.h"
#include "minivmx.h"
#include "options.h"

/* Where a boot sector is put, and how long it is. */
#define BOOT_ADDR	0x7c00
#define SECTOR_SIZE	512

/* Where the BIOS lies, as far as the guest's memory is concerned. */
#define BIOS_ADDR	0xf0000ULL
#define BIOS_END	0x100000ULL
/* Interrupt vectors, and what the BIOS notes for itself. */
#define BIOS_DATA_END	0x500

/* Bits of FLAGS. */
#define FLAG_CARRY	0x0001
#define FLAG_ZERO	0x0040
#define FLAG_INTERRUPT	0x0200

/**
 * struct bios_disk - the one disk: a file, which nobody writes to
 * @data: its bytes
 * @nr_sectors: how many sectors of 512 bytes they are
 * @drive: its number: 0 for a floppy disk, 80h for a hard disk
 * @type: of a floppy disk, as INT 13h AH=08h tells it
 * @cylinders: its geometry
 * @heads: the same
 * @sectors: the same, of a track
 */
struct bios_disk {
	const __u8 *data;
	__u64 nr_sectors;
	__u8 drive, type;
	unsigned int cylinders, heads, sectors;
};

/**
 * struct bios - services for code in real mode
 * @mem: guest memory
 * @mem_size: its size in bytes
 * @disk: the disk; without @disk.data, there is none
 * @ports: the devices
 * @output: writes a byte; fails where the run has to end
 * @input: gets the next byte of input, if there is one within a time
 * @reset: the machine is to start anew
 * @arg: for these three
 * @key: scan code and character of a key that was looked at and not taken; 0: none
 * @polled: the last call looked for a key, and found none
 */
struct bios {
	__u8 *mem;
	__u64 mem_size;
	struct bios_disk disk;
	struct bus *ports;
	int (*output)(void *arg, __u8 byte);
	bool (*input)(void *arg, int timeout_ms, __u8 *byte);
	void (*reset)(void *arg);
	void *arg;
	__u16 key;
	bool polled;
};

/**
 * struct bios_call - one INT, as it reached the BIOS
 * @regs: the registers, which become those after it; in rflags, CF asks for it again
 * @ds: base of this segment
 * @es: the same
 * @flags: what IRET will make of FLAGS
 */
struct bios_call {
	struct minivmx_regs regs;
	__u64 ds, es;
	__u16 flags;
};

/**
 * struct bios_start - how the BIOS hands over
 * @ip: where to
 * @cs: the same
 * @flags: with which FLAGS
 * @sp: with which stack
 * @dx: with the number of the disk, in DL
 */
struct bios_start {
	__u16 ip, cs, flags, sp, dx;
};

/* Registers of 16 and of 8 bits, in those of 64. */
#define LOW(reg)	((__u8)(reg))
#define HIGH(reg)	((__u8)((reg) >> 8))
#define WORD(reg)	((__u16)(reg))

static inline void set_low(__u64 *reg, __u8 value)
{
	*reg = (*reg & ~0xffULL) | value;
}

static inline void set_high(__u64 *reg, __u8 value)
{
	*reg = (*reg & ~0xff00ULL) | value << 8;
}

static inline void set_word(__u64 *reg, __u16 value)
{
	*reg = (*reg & ~0xffffULL) | value;
}

/* What a service says at its end, where it says so: AH, and CF if that is an error. */
static inline void bios_status(struct bios_call *call, __u8 status)
{
	set_high(&call->regs.rax, status);
	call->flags = status ? call->flags | FLAG_CARRY : call->flags & ~FLAG_CARRY;
}

#define BIOS_UNKNOWN	0x86	/* there is no such function */

/* bios_rom.S */
extern const __u8 bios_rom[], bios_rom_end[], bios_rom_start[];
extern const __u16 bios_rom_vectors[], bios_rom_vectors_end[];

/* bios.c */
void bios_install(__u8 *mem, const struct bios_start *start);
void *bios_memory(const struct bios *bios, __u64 base, __u16 offset, unsigned int size);
void bios_call(struct bios *bios, unsigned int vector, struct bios_call *call);

/* bios_disk.c */
void bios_disk_insert(struct bios_disk *disk, const __u8 *data, size_t size);
void bios_disk_call(struct bios *bios, struct bios_call *call);

/* bios_keyboard.c */
void bios_keyboard_call(struct bios *bios, struct bios_call *call);

#endif /* __ASSEMBLER__ */
#endif /* VMRUN_BIOS_H */
