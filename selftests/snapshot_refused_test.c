// SPDX-License-Identifier: GPL-2.0
/*
 * Snapshots that are refused, and command lines that name them.
 *
 * Breakage it catches: a file that is damaged, or of another machine, and taken; a reason
 * that is another one, or more than a line; a file that is lost although nothing was saved.
 */
#include "../userspace/snapshot.h"
#include "../userspace/vcpu.h"
#include "vmrun.h"

#define SNAPSHOT	"/tmp/snapshot.vmsnap"
#define RESTORE		"--restore=" SNAPSHOT
#define DAMAGED		"/tmp/damaged.vmsnap"

DEVICE_FIXTURE(snapshot_refused) {
	char device[64];
};

DEVICE_FIXTURE_SETUP(snapshot_refused)
{
	snprintf(self->device, sizeof(self->device), "--device=%s", variant->path);
}

FIXTURE_TEARDOWN(snapshot_refused)
{
	unlink(SNAPSHOT);
	unlink(DAMAGED);
}

/* ------------------------- files ------------------------------------------ */

static __u32 crc32(__u32 crc, const __u8 *bytes, size_t nr)
{
	int i;

	for (crc = ~crc; nr; nr--, bytes++)
		for (crc ^= *bytes, i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	return ~crc;
}

struct file {
	__u8 *data;
	size_t size;
};

static struct file load(struct __test_metadata *_metadata)
{
	struct file file = { malloc(0x400000), 0 };
	int fd = open(SNAPSHOT, O_RDONLY);
	ssize_t n;

	ASSERT_NE(NULL, file.data);
	while ((n = read(fd, file.data + file.size, 0x400000 - file.size)) > 0)
		file.size += n;
	close(fd);
	ASSERT_LT(0, file.size);
	return file;
}

static void refused(struct __test_metadata *_metadata, const char *device,
		    const struct file *file, const char *says)
{
	const struct guest_run run = {
		.guest = "--restore=" DAMAGED, .status = STATUS_LOAD, .says = says,
	};
	char messages[MAX_OUTPUT];
	int fd = open(DAMAGED, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ASSERT_EQ((ssize_t)file->size, write(fd, file->data, file->size));
	close(fd);
	vmrun_expect(_metadata, device, &run, messages);
	/* One line. */
	EXPECT_EQ(strlen(messages) - 1, strcspn(messages, "\n"));
}

/* The snapshot of one vCPU: a section of it, with a checksum that is made anew. */
static void change(const struct file *file, unsigned int i, size_t at, __u8 value)
{
	struct snapshot_header *header = (void *)file->data;
	struct snapshot_section *sections = (void *)(header + 1);

	file->data[sections[i].offset + at] = value;
	sections[i].crc = crc32(0, file->data + sections[i].offset, sections[i].size);
	header->crc = 0;
	header->crc = crc32(0, file->data, sizeof(*header) +
			    header->nr_sections * sizeof(*sections));
}

static size_t cpuid_entry(const struct file *file, __u32 function)
{
	const struct snapshot_section *section =
		(struct snapshot_section *)((struct snapshot_header *)file->data + 1) +
		SNAPSHOT_CPUID;
	const struct minivmx_cpuid_entry2 *entries = (void *)(file->data + section->offset);
	size_t i;

	for (i = 0; entries[i].function != function; i++)
		;
	return i * sizeof(*entries);
}

TEST_DEVICE(snapshot_refused, damaged)
{
	static const struct guest_run saved = {
		.guest = "hello.bin", .options = { "--save-on=exits:5:" SNAPSHOT },
		.output = "Hello", .status = STATUS_SAVED,
	};
	const char *device = self->device;
	char messages[MAX_OUTPUT];
	struct file file, half;
	size_t entry;

	vmrun_expect(_metadata, device, &saved, messages);
	file = load(_metadata);
	half = file;
	half.size /= 2;
	refused(_metadata, device, &half, "cut short");
	half.size = 7;
	refused(_metadata, device, &half, "no snapshot");
	half.size = 0;
	refused(_metadata, device, &half, "empty");
	/* It ends with the memory. */
	file.data[file.size - 1] ^= 1;
	refused(_metadata, device, &file, "checksum of section memory");
	file.data[file.size - 1] ^= 1;
	file.data[8]++;
	refused(_metadata, device, &file, "version 2");
	file.data[8]--;
	change(&file, SNAPSHOT_PIC, 5, 9);
	refused(_metadata, device, &file, "damaged: the section interrupt controllers");
	change(&file, SNAPSHOT_PIC, 5, 7);
	change(&file, SNAPSHOT_SERIAL, 0, 2);
	refused(_metadata, device, &file, "the machine has 2 serial ports, and not 1");
	change(&file, SNAPSHOT_SERIAL, 0, 255);
	refused(_metadata, device, &file, "damaged: the section serial ports");
	change(&file, SNAPSHOT_SERIAL, 0, 1);
	change(&file, SNAPSHOT_VCPU, 0, VCPU_STOPPED);
	refused(_metadata, device, &file, "damaged: the section vCPU");
	change(&file, SNAPSHOT_VCPU, 0, VCPU_RUNS);
	/* A reserved bit of CR0. */
	change(&file, SNAPSHOT_SREGS2, offsetof(struct minivmx_sregs2, cr0) + 7, 1);
	refused(_metadata, device, &file, "MINIVMX_SET_SREGS2");
	change(&file, SNAPSHOT_SREGS2, offsetof(struct minivmx_sregs2, cr0) + 7, 0);
	/* A processor with all features. */
	entry = cpuid_entry(&file, 7);
	change(&file, SNAPSHOT_CPUID, entry + offsetof(struct minivmx_cpuid_entry2, ebx), 0xff);
	change(&file, SNAPSHOT_CPUID, entry + offsetof(struct minivmx_cpuid_entry2, ebx) + 3,
	       0xff);
	refused(_metadata, device, &file, "CPUID 0x7");
	free(file.data);
}

/* ------------------------- the command line ------------------------------- */

/* And a file that stays as it was, as there was nothing to save. */
TEST_DEVICE(snapshot_refused, usage)
{
	static const struct guest_run runs[] = {
		{ .guest = "hello.bin", .options = { "--save-on=SIGUSR3:/tmp/x" },
		  .status = STATUS_USAGE, .says = "not WHEN:FILE" },
		{ .guest = "hello.bin", .options = { "--save-on=SIGUSR1:" },
		  .status = STATUS_USAGE, .says = "not WHEN:FILE" },
		{ .guest = "hello.bin", .options = { "--save-on=exits:0:/tmp/x" },
		  .status = STATUS_USAGE, .says = "not WHEN:FILE" },
		{ .guest = "hello.bin", .options = { "--save-on=exits:1:/no/such/file" },
		  .status = STATUS_HOST, .says = "/no/such/file" },
		{ .guest = "hello.bin", .options = { RESTORE },
		  .status = STATUS_USAGE, .says = "--restore takes no guest" },
		{ .guest = RESTORE, .options = { "--mem=2M" },
		  .status = STATUS_USAGE, .says = "as it was saved" },
		{ .guest = RESTORE, .options = { "--start=register" },
		  .status = STATUS_USAGE, .says = "as it was saved" },
		{ .guest = RESTORE, .options = { "--bios" },
		  .status = STATUS_USAGE, .says = "no machine with a BIOS" },
		{ .guest = "hello.bin", .options = { "--clone=2" },
		  .status = STATUS_USAGE, .says = "of what?" },
		{ .guest = RESTORE, .options = { "--clone=0" },
		  .status = STATUS_USAGE, .says = "not a number" },
		{ .guest = "--restore=/no/such/file", .status = STATUS_LOAD,
		  .says = "/no/such/file" },
		{ .guest = "hello.bin", .options = { "--save-on=exits:1:" SNAPSHOT },
		  .output = "H", .status = STATUS_SAVED },
		{ .guest = RESTORE, .options = { "--save-on=exits:1:" SNAPSHOT },
		  .status = STATUS_USAGE, .says = "are the same file" },
		{ .guest = RESTORE, .options = { "--serial=stdio", "--serial=null" },
		  .status = STATUS_LOAD, .says = "the machine has 1 serial port, and not 2" },
		{ .guest = "hello.bin", .options = { "--save-on=exits:1000:" SNAPSHOT },
		  .output = "Hello, world!\n", .says = "ended before it was saved" },
		{ .guest = RESTORE, .output = "ello, world!\n" },
	};
	char messages[MAX_OUTPUT];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(runs); i++)
		vmrun_expect(_metadata, self->device, &runs[i], messages);
}

TEST_HARNESS_MAIN
