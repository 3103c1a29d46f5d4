// SPDX-License-Identifier: GPL-2.0
/*
 * The guests of guests/, run by vmrun on both devices: what comes out, and the
 * exit status. Then what is wrong with a command line or a file, and signals.
 *
 * Breakage it catches: vmrun, a guest and the module that do not fit together,
 * a status that is not the documented one, a vmrun that no signal can end.
 */
#include <signal.h>
#include <time.h>

#include "vmrun.h"

/* As /dev/stdout, which not every system has. */
#define TRACE_TO_OUTPUT	"--trace=/proc/self/fd/1"

#define BOOT_OUTPUT(upper, key)						\
	"boot sector\r\nsecond sector\r\n00000000 000a0000 01 \r\n"	\
	"000f0000 00010000 02 \r\n00100000 " upper " 01 \r\n" key "\r\n"
#define PVH_MAP(upper)						\
	"map: 0 + 9fc00, type 1\nmap: 9fc00 + 400, type 2\n"	\
	"map: f0000 + 10000, type 2\nmap: 100000 + " upper ", type 1\n"

static const struct guest_run runs[] = {
	{ .guest = "hello.bin", .output = "Hello, world!\n" },
	{ .guest = "count.bin", .output = "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n" },
	{ .guest = "echo.bin", .input = "ab\nc", .output = "ab\nc" },
	{ .guest = "echo.bin", .input = "ab\4c", .output = "ab" },
	{ .guest = "echo.bin" },
	{ .guest = "bench.bin" },
	{ .guest = "cpuid_loop.bin" },
	{ .guest = "exitcode.bin", .status = 42 },
	{ .guest = "exitcode.bin", .options = { "--exit-code=qemu" }, .status = 85 },
	{ .guest = "exitcode.bin", .options = { "--exit-code=raw" }, .status = 42 },
	{ .guest = "triplefault.bin", .status = STATUS_TRIPLE_FAULT,
	  .says = "triple fault" },
	{ .guest = "selfmod.bin", .output = "0123456789" },

	/* The processor's modes. */
	{ .guest = "protected.bin", .output = "32-bit protected mode\n" },
	{ .guest = "paging32.bin", .output = "at 0x20000: page 0x20000\n"
					     "at 0x20000: page 0x30000\n" },
	{ .guest = "pae.bin", .output = "PAE: seen at 2 MiB\nPAE: seen at 1 GiB\n" },
	{ .guest = "long.bin", .output = "64-bit long mode\n" },
	{ .guest = "compat.bin", .output = "64-bit code\n32-bit code\n64-bit code\n" },
	{ .guest = "syscall.bin", .output = "1000\nsystem calls\n" },
	{ .guest = "sysenter.bin", .output = "1000\nsystem calls\n" },
	{ .guest = "sensitive.bin", .output =
	  "SGDT true\nSIDT true\nSLDT true\nSTR true\nSMSW true\nPUSHF true\n"
	  "POPF true\nLAR true\nLSL true\nVERR true\nVERW true\nPOP true\n"
	  "PUSH true\nMOV true\nCALL true\nJMP true\nINT true\nRET true\n" },

	{ .guest = "pvh.elf", .options = { "--append=x" },
	  .output = "PVH kernel\ncommand line: x\n" PVH_MAP("7f00000") },
	{ .guest = "pvh.elf", .options = { "--format=pvh", "--append=root=none  x", "--mem=2M" },
	  .output = "PVH kernel\ncommand line: root=none  x\n" PVH_MAP("100000") },

	/* Devices of other kinds than the serial port. */
	{ .guest = "string.bin", .output = "A whole string with one instruction, once\n" },
	{ .guest = "mmio.bin", .output = "counter: 123\nnobody: all ones\n" },
	{ .guest = "mmio.bin", .options = { "--strict" }, .status = STATUS_PORT,
	  .output = "counter: 123", .says = "0xd0000008, which nothing claims" },
	{ .guest = "timer.bin", .output = "tick\ntick\ntick\ntick\ntick\ndone\n" },

	{ .guest = "clock.bin", .output = "....................\n" },

	{ .guest = "storm.bin" },
	{ .guest = "storm_pit.bin" },
	{ .guest = "keyboard.bin", .output = "a key\n" },

	/* The last number of forty: each follows from all before it. */
	{ .guest = "compute.bin", .contains = "\n6c81640aea5fc073\n", .status = 0x73 },

	{ .guest = "hello.bin", .options = { "--cpus=1" }, .output = "Hello, world!\n" },
	{ .guest = "spinlock.bin", .options = { "--cpus=2" }, .output = "2000\n" },
	/* One starts the others. */
	{ .guest = "smp.bin", .options = { "--cpus=2", "--start=register" }, .output = "3000\n" },
	{ .guest = "smp.bin", .options = { "--cpus=4", "--start=register" },
	  .output = "10000\n" },
	{ .guest = "smp.bin", .options = { "--start=register" }, .output = "1000\n" },
	{ .guest = "smp.bin", .options = { "--cpus=2" }, .status = 1 },
	{ .guest = "hello.bin", .options = { "--start=x" }, .status = STATUS_USAGE,
	  .says = "use all or register" },
	{ .guest = "kernel32.elf", .options = { "--start=register" }, .status = STATUS_USAGE,
	  .says = "one processor" },
	/* Whoever is first ends it for all. */
	{ .guest = "exitcode.bin", .options = { "--cpus=4" }, .status = 42 },

	/* What a BIOS does for a boot sector: text, the disk, the memory's map, a key. */
	{ .guest = "boot.bin", .input = "a", .output = BOOT_OUTPUT("00f00000", "1e61 a") },
	{ .guest = "boot.bin", .options = { "--format=boot", "--mem=2M", "--strict" },
	  .input = "?x", .output = BOOT_OUTPUT("00100000", "353f ?") },
	{ .guest = "boot.bin", .options = { "--sandbox=on" }, .input = "a",
	  .output = BOOT_OUTPUT("00f00000", "1e61 a") },
	{ .guest = "boot.bin", .options = { "--format=flat", "--load=0x7c00", "--bios" },
	  .output = "boot sector\r\ndisk error\r\n" },
	{ .guest = "hello.bin", .options = { "--bios", "--strict" },
	  .output = "Hello, world!\n" },

	/* Interrupts of the timer and of the serial port, through a PC's controllers. */
	{ .guest = "kernel_irq.elf", .input = "hello\nwait\nwaiting\n\nquit\nno more\n",
	  .output = "ready\nhello\n10 ticks\nwaiting\n\n" },
	{ .guest = "kernel_irq.elf", .options = { "--strict" }, .input = "a\nb",
	  .output = "ready\na\n" },
	{ .guest = "kernel_irq.elf", .input = "reset\n", .output = "ready\n",
	  .status = STATUS_RESET },

	/* Traces. */
	{ .guest = "exitcode.bin", .options = { TRACE_TO_OUTPUT }, .status = 42,
	  .contains = " OUT 0xf4 <- 0x2a\n" },
	{ .guest = "mmio.bin", .options = { TRACE_TO_OUTPUT },
	  .contains = " read 0xd0000004 -> 0x00000003\n" },
	{ .guest = "mmio.bin", .options = { TRACE_TO_OUTPUT },
	  .contains = " write 0xd0000000 <- 0x63 'c'\n" },
	{ .guest = "spinlock.bin", .options = { "--cpus=2", TRACE_TO_OUTPUT },
	  .contains = "   1 vCPU 1 " },

	/* Ports that are somebody's: 0x80 and 0x3f8. For others, see unclaimed_port. */
	{ .guest = "bench.bin", .options = { "--strict" } },
	{ .guest = "hello.bin", .options = { "--strict" },
	  .output = "Hello, world!\n" },

	/* The code does not care where it is, but for its message. */
	{ .guest = "exitcode.bin", .options = { "--load=0x8000", "--mem=64K" },
	  .status = 42 },
	{ .guest = "exitcode.bin", .options = { "--load=0x20000" }, .status = 42 },

	{ .guest = "hello.bin", .options = { "--nonsense" }, .status = STATUS_USAGE },
	{ .guest = "hello.bin", .options = { "--mem=1" }, .status = STATUS_USAGE },
	{ .guest = "hello.bin", .options = { "--mem=4G" }, .status = STATUS_USAGE,
	  .says = "where the register device is" },
	{ .guest = "hello.bin", .options = { "--entry=0x100000" },
	  .status = STATUS_USAGE },
	{ .guest = "hello.bin", .options = { "--load=0xffffffffffffffff" },
	  .status = STATUS_USAGE, .says = "not an address" },
	{ .guest = "hello.bin", .options = { "--cpus=0" }, .status = STATUS_USAGE },
	{ .guest = "hello.bin", .options = { "--cpus=65" }, .status = STATUS_USAGE },
	{ .guest = "hello.bin", .options = { "--format=elf" }, .status = STATUS_USAGE },
	{ .guest = "hello.bin", .options = { "--append=x" }, .status = STATUS_USAGE },
	{ .guest = "hello.bin", .options = { "--initrd=x" }, .status = STATUS_USAGE,
	  .says = "no Linux or PVH kernel" },
	{ .guest = "kernel32.elf", .options = { "--initrd=x" }, .status = STATUS_USAGE,
	  .says = "no Linux or PVH kernel" },
	{ .guest = "hello.bin", .options = { "--module=x" }, .status = STATUS_USAGE,
	  .says = "no Multiboot or PVH kernel" },
	{ .guest = "hello.bin", .options = { "--format=linux", "--module=x" },
	  .status = STATUS_USAGE, .says = "no Multiboot or PVH kernel" },
	{ .guest = "hello.bin", .options = { "--format=linux", "--cpus=2" },
	  .status = STATUS_USAGE, .says = "one processor" },
	{ .guest = "boot.bin", .options = { "--load=0x7c00" }, .status = STATUS_USAGE,
	  .says = "a boot sector, says it itself" },
	{ .guest = "boot.bin", .options = { "--append=x" }, .status = STATUS_USAGE },
	{ .guest = "boot.bin", .options = { "--cpus=2" }, .status = STATUS_USAGE,
	  .says = "one processor" },
	{ .guest = "boot.bin", .options = { "--mem=640K" }, .status = STATUS_USAGE,
	  .says = "a BIOS takes 0x100000 at least" },
	{ .guest = "hello.bin", .options = { "--bios", "--cpus=2" }, .status = STATUS_USAGE },
	{ .guest = "kernel32.elf", .options = { "--bios" }, .status = STATUS_USAGE,
	  .says = "starts without one" },
	{ .guest = "hello.bin", .options = { "--format=boot" }, .status = STATUS_LOAD,
	  .says = "no disk to boot from" },
	{ .guest = "hello.bin", .options = { "--bios", "--load=0x400" },
	  .status = STATUS_LOAD, .says = "lies where the BIOS does" },
	{ .guest = "hello.bin", .options = { "--bios", "--load=0xefff0" },
	  .status = STATUS_LOAD, .says = "lies where the BIOS does" },
	{ .guest = "no such file", .status = STATUS_LOAD },
	/* There is no room for it. */
	{ .guest = "hello.bin", .options = { "--mem=8K", "--load=0x1ff8", "--entry=0" },
	  .status = STATUS_LOAD },
};

DEVICE_FIXTURE(guests) {
	char device[64];
};

DEVICE_FIXTURE_SETUP(guests)
{
	snprintf(self->device, sizeof(self->device), "--device=%s", variant->path);
}

FIXTURE_TEARDOWN(guests)
{
}

TEST_DEVICE(guests, table)
{
	char messages[MAX_OUTPUT];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(runs); i++)
		vmrun_expect(_metadata, self->device, &runs[i], messages);
	TH_LOG("%zu runs", ARRAY_SIZE(runs));
}

/* KVM has no exit policy, and its own idea of VMCALL. */
TEST_DEVICE(guests, hypercalls)
{
	struct guest_run run = {
		.guest = "hypercall.bin", .options = { "--hypercalls" },
		.output = "Hello by hypercall!\n21\n",
	};
	char messages[MAX_OUTPUT];

	if (!variant->minivmx) {
		run.output = NULL;
		run.status = STATUS_HOST;
		run.says = "keeps VMCALL to itself";
	}
	vmrun_expect(_metadata, self->device, &run, messages);
}

/* KVM hands over one item at a time. */
TEST_DEVICE(guests, string_is_one_exit)
{
	const struct guest_run run = {
		.guest = "string.bin", .options = { TRACE_TO_OUTPUT },
		.contains = variant->minivmx ?
			"   1 0x1009 OUT 0x3f8 <- 42 * 0x41 'A' 0x20 ' '" :
			"  42 OUT 0x3f8 <- 0x0a '\\n'\n",
	};
	char messages[MAX_OUTPUT];

	vmrun_expect(_metadata, self->device, &run, messages);
}

/* Runs code that is too special for a guest of its own. */
static void expect_code(struct __test_metadata *_metadata, const char *device,
			const unsigned char *code, size_t size, struct guest_run *run)
{
	char path[] = "/tmp/guest.XXXXXX", messages[MAX_OUTPUT];
	int fd = mkstemp(path);

	ASSERT_LE(0, fd);
	ASSERT_EQ(size, write(fd, code, size));
	close(fd);
	run->guest = path;
	vmrun_expect(_metadata, device, run, messages);
	unlink(path);
}

TEST_DEVICE(guests, unclaimed_port)
{
	static const unsigned char code[] = {
		0xe6, 0x82,			/* out %al, $0x82 */
		0xf4,				/* hlt */
	};
	struct guest_run run = { 0 };

	expect_code(_metadata, self->device, code, sizeof(code), &run);
	run.options[0] = "--strict";
	run.status = STATUS_PORT;
	run.says = "OUT to port 0x82, which nothing claims";
	expect_code(_metadata, self->device, code, sizeof(code), &run);
}

/*
 * PADDB reads memory that is not there: nobody emulates that. In real mode,
 * 0xffff:0x10 is the first byte after 1 MiB.
 */
TEST_DEVICE(guests, unknown_instruction)
{
	static const unsigned char code[] = {
		0xb8, 0xff, 0xff,		/* mov $0xffff, %ax */
		0x8e, 0xd8,			/* mov %ax, %ds */
		0x0f, 0xfc, 0x06, 0x10, 0x00,	/* paddb 0x10, %mm0 */
	};
	struct guest_run run = {
		.status = STATUS_EXIT,
		.says = "cannot emulate (internal error 1), bytes 0f fc 06 10 00",
	};

	expect_code(_metadata, self->device, code, sizeof(code), &run);
}

/*
 * The BIOS counts ticks, and calls INT 1Ch at each: three of them, and INT 1Ah says so.
 * Then it starts anew.
 */
TEST_DEVICE(guests, bios_ticks)
{
	static const unsigned char code[] = {
		0xc7, 0x06, 0x70, 0x00, 0x1b, 0x10,	/* movw $tick, 0x1c * 4 */
		0xc7, 0x06, 0x72, 0x00, 0x00, 0x00,	/* movw $0, 0x1c * 4 + 2 */
		0xfb,					/* sti */
		0xf4,					/* wait: hlt */
		0xb4, 0x00,				/* mov $0, %ah */
		0xcd, 0x1a,				/* int $0x1a */
		0x83, 0xfa, 0x03,			/* cmp $3, %dx */
		0x72, 0xf6,				/* jb wait */
		0xfa,					/* cli */
		0xcd, 0x19,				/* int $0x19 */
		0xf4,					/* hlt */
		0x2e, 0x80, 0x3e, 0x6c, 0x04, 0x03,	/* tick: cmpb $3, %cs:0x46c */
		0x77, 0x05,				/* ja done */
		0xb8, 0x2a, 0x0e,			/* mov $0x0e2a, %ax */
		0xcd, 0x10,				/* int $0x10 */
		0xcf,					/* done: iret */
	};
	struct guest_run run = {
		.options = { "--bios" }, .status = STATUS_RESET, .output = "***",
	};

	expect_code(_metadata, self->device, code, sizeof(code), &run);
}

/* Its services are for real mode, and say so elsewhere. */
TEST_DEVICE(guests, bios_in_protected_mode)
{
	static const unsigned char code[] = {
		0xfa,				/* cli */
		0x0f, 0x01, 0xe0,		/* smsw %ax */
		0x0c, 0x01,			/* or $1, %al */
		0x0f, 0x01, 0xf0,		/* lmsw %ax */
		0xe6, 0xb0,			/* out %al, $0xb0 */
		0xf4,				/* hlt */
	};
	struct guest_run run = {
		.options = { "--bios" }, .status = STATUS_EXIT,
		.says = "BIOS: INT 0x10 outside of real mode",
	};

	expect_code(_metadata, self->device, code, sizeof(code), &run);
}

/*
 * Ticks that come while interrupts are off wait until they are on, and one that
 * comes while the guest spins gets it out of MINIVMX_RUN. The third one stops
 * the timer.
 */
TEST_DEVICE(guests, ticks_without_hlt)
{
	static const unsigned char code[] = {
		0xc7, 0x06, 0x80, 0x00, 0x1e, 0x10,	/* movw $tick, 0x20 * 4 */
		0xb8, 0xd0, 0x07,			/* mov $2000, %ax */
		0xe7, 0x50,				/* out %ax, $0x50 */
		0xb9, 0x88, 0x13,			/* mov $5000, %cx */
		0xe6, 0x80,				/* busy: out %al, $0x80 */
		0xe2, 0xfc,				/* loop busy */
		0xfb,					/* sti */
		0x80, 0x3e, 0x00, 0x20, 0x03,		/* spin: cmpb $3, 0x2000 */
		0x75, 0xf9,				/* jne spin */
		0xb0, 0x2c,				/* mov $44, %al */
		0xe6, 0xf4,				/* out %al, $0xf4 */
		0xfe, 0x06, 0x00, 0x20,			/* tick: incb 0x2000 */
		0x80, 0x3e, 0x00, 0x20, 0x03,		/* cmpb $3, 0x2000 */
		0x75, 0x06,				/* jne done */
		0x50,					/* push %ax */
		0x31, 0xc0,				/* xor %ax, %ax */
		0xe7, 0x50,				/* out %ax, $0x50 */
		0x58,					/* pop %ax */
		0xcf,					/* done: iret */
	};
	struct guest_run run = { .status = 44 };

	expect_code(_metadata, self->device, code, sizeof(code), &run);
}

/* Whoever writes to the exit port ends the others, which would spin for ever. */
TEST_DEVICE(guests, others_end)
{
	static const unsigned char first_ends[] = {
		0xfb,				/* sti */
		0x85, 0xc0,			/* test %ax, %ax */
		0x75, 0x04,			/* jnz spin */
		0xb0, 0x2a,			/* mov $42, %al */
		0xe6, 0xf4,			/* out %al, $0xf4 */
		0xeb, 0xfe,			/* spin: jmp spin */
	};
	static const unsigned char second_ends[] = {
		0xfb,				/* sti */
		0x85, 0xc0,			/* test %ax, %ax */
		0x74, 0x04,			/* jz spin */
		0xb0, 0x2b,			/* mov $43, %al */
		0xe6, 0xf4,			/* out %al, $0xf4 */
		0xeb, 0xfe,			/* spin: jmp spin */
	};
	struct guest_run run = { .options = { "--cpus=2" }, .status = 42 };

	expect_code(_metadata, self->device, first_ends, sizeof(first_ends), &run);
	run.status = 43;
	expect_code(_metadata, self->device, second_ends, sizeof(second_ends), &run);
}

/* A vCPU that cannot go on ends the run, with the report of that vCPU. */
TEST_DEVICE(guests, second_fails)
{
	static const unsigned char code[] = {
		0xfb,				/* sti */
		0x85, 0xc0,			/* test %ax, %ax */
		0x74, 0x07,			/* jz spin */
		0x0f, 0x01, 0x1e, 0x00, 0x20,	/* lidt 0x2000: zeros */
		0xcc,				/* int3 */
		0x90,
		0xeb, 0xfe,			/* spin: jmp spin */
	};
	struct guest_run run = {
		.options = { "--cpus=2" }, .status = STATUS_TRIPLE_FAULT,
		.says = "vCPU 1: triple fault",
	};

	expect_code(_metadata, self->device, code, sizeof(code), &run);
}

/* No such device is the host's fault, not the guest's. */
TEST_DEVICE(guests, no_device)
{
	const struct guest_run run = {
		.guest = "hello.bin", .status = STATUS_HOST,
	};
	char messages[MAX_OUTPUT];

	vmrun_expect(_metadata, "--device=/dev/null", &run, messages);
	vmrun_expect(_metadata, "--device=/no/such/device", &run, messages);
}

/* Ticks of CPU time that a process has had: its guest runs, or will soon. */
static long ticks_of(pid_t pid)
{
	unsigned long user, system;
	char path[64], line[512];
	FILE *file;
	bool ok;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (!file)
		return -1;
	ok = fgets(line, sizeof(line), file) &&
	     sscanf(line, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
		    &user, &system) == 2;
	fclose(file);
	return ok ? (long)(user + system) : -1;
}

static void expect_killed(struct __test_metadata *_metadata, const char *device,
			  const struct guest_run *run, int number)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	struct vmrun vmrun;
	int status;

	ASSERT_EQ(0, vmrun_start(&vmrun, device, run));
	while (ticks_of(vmrun.pid) >= 0 && ticks_of(vmrun.pid) < 5 &&
	       !waitpid(vmrun.pid, &status, WNOHANG))
		nanosleep(&pause, NULL);
	ASSERT_EQ(0, kill(vmrun.pid, number));
	ASSERT_EQ(vmrun.pid, waitpid(vmrun.pid, &status, 0));
	close(vmrun.output);
	close(vmrun.messages);
	ASSERT_TRUE(WIFSIGNALED(status)) {
		TH_LOG("%s ended with %#x", run->guest, status);
	}
	EXPECT_EQ(number, WTERMSIG(status));
}

TEST_DEVICE(guests, killed)
{
	const struct guest_run spin = { .guest = "spin.bin" };
	const struct guest_run spin_two = {
		.guest = "spin.bin", .options = { "--cpus=2" },
	};
	const struct guest_run spin_cli = { .guest = "spin_cli.bin" };

	expect_killed(_metadata, self->device, &spin, SIGINT);
	expect_killed(_metadata, self->device, &spin, SIGTERM);
	expect_killed(_metadata, self->device, &spin, SIGKILL);
	expect_killed(_metadata, self->device, &spin_two, SIGINT);
	/* With IF=0 in the guest, Bochs lets nothing interrupt KVM's. */
	if (variant->minivmx)
		expect_killed(_metadata, self->device, &spin_cli, SIGINT);
}

TEST_HARNESS_MAIN
