// SPDX-License-Identifier: GPL-2.0
/*
 * Guests that take turns (vmrun --share): how many quanta each gets, on one CPU. What
 * decides is how many of so many quanta went to whom, not how long that took.
 *
 * Breakage it catches: a share that is not the weight's; one that grows with vCPUs, with
 * exits or with sleep; a turn that goes down with its owner, and a place with it.
 */
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>

#include "../userspace/share.h"
#include "vmrun.h"

#define SHARE		"/tmp/share_test"
#define MAX_GUESTS	4
#define QUANTA		100	/* of all together, from one look to the next */

/* The one whose quantum has just begun, and one that is over since we looked. */
#define SLACK		2

/* Sleeps for 6 times 60 ms, less than SHARE_LIMIT_US, and then spins. */
static const unsigned char sleeper[] = {
	0xc7, 0x06, 0x80, 0x00, 0x1c, 0x10,	/* movw $tick, 0x20 * 4 */
	0xb8, 0x60, 0xea,			/* mov $60000, %ax */
	0xe7, 0x50,				/* out %ax, $0x50 */
	0xb9, 0x06, 0x00,			/* mov $6, %cx */
	0xfb,					/* wait: sti */
	0xf4,					/* hlt */
	0xe2, 0xfc,				/* loop wait */
	0x31, 0xc0,				/* xor %ax, %ax */
	0xe7, 0x50,				/* out %ax, $0x50 */
	0xeb, 0xfe,				/* jmp . */
	0x90, 0x90, 0x90, 0x90,
	0xcf,					/* tick: iret */
};

/* Exits all the time: to vmrun, and to the kernel. */
static const unsigned char exits[] = {
	0x0f, 0xa2,				/* again: cpuid */
	0xe6, 0x80,				/* out %al, $0x80 */
	0xeb, 0xfa,				/* jmp again */
};

FIXTURE(share) {
	struct share_file *file;
	int fd;
	unsigned int nr;
	struct vmrun guests[MAX_GUESTS];
	unsigned long before[MAX_GUESTS];
	char blob[32];
};

FIXTURE_SETUP(share)
{
	cpu_set_t cpu;

	device_need(_metadata, MINIVMX_PATH);
	unlink(SHARE);
	self->fd = open(SHARE, O_RDWR | O_CREAT, 0600);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, ftruncate(self->fd, sizeof(*self->file)));
	self->file = mmap(NULL, sizeof(*self->file), PROT_READ | PROT_WRITE, MAP_SHARED,
			  self->fd, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->file);
	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(cpu), &cpu));
}

static void end_guest(struct vmrun *guest)
{
	if (!guest->pid)
		return;
	kill(guest->pid, SIGKILL);
	waitpid(guest->pid, NULL, 0);
	close(guest->output);
	close(guest->messages);
	guest->pid = 0;
}

FIXTURE_TEARDOWN(share)
{
	unsigned int i;

	for (i = 0; i < self->nr; i++)
		end_guest(&self->guests[i]);
	if (self->blob[0])
		unlink(self->blob);
	unlink(SHARE);
}

static void start(struct __test_metadata *_metadata, FIXTURE_DATA(share) *self,
		  const char *guest, const char *weight, const char *option)
{
	const struct guest_run run = {
		.guest = guest, .options = { "--share=" SHARE, weight, option },
	};

	ASSERT_GT(MAX_GUESTS, self->nr);
	ASSERT_EQ(0, vmrun_start(&self->guests[self->nr++], "--device=" MINIVMX_PATH, &run));
}

static void start_blob(struct __test_metadata *_metadata, FIXTURE_DATA(share) *self,
		       const unsigned char *code, size_t size)
{
	int fd;

	strcpy(self->blob, "/tmp/share_guest.XXXXXX");
	fd = mkstemp(self->blob);
	ASSERT_LE(0, fd);
	ASSERT_EQ(size, write(fd, code, size));
	close(fd);
	start(_metadata, self, self->blob, "--weight=100", NULL);
}

static void pause_a_little(void)
{
	const struct timespec pause = { .tv_nsec = 5000000 };

	nanosleep(&pause, NULL);
}

/* Of all places that a guest has. */
static unsigned long quanta(FIXTURE_DATA(share) *self, unsigned int guest)
{
	unsigned long sum = 0;
	int i;

	for (i = 0; i < SHARE_PLACES; i++)
		if (self->file->places[i].guest == self->guests[guest].pid)
			sum += self->file->places[i].quanta;
	return sum;
}

static struct share_place *place_of(FIXTURE_DATA(share) *self, unsigned int guest)
{
	int i;

	for (i = 0; i < SHARE_PLACES; i++)
		if (self->file->places[i].guest == self->guests[guest].pid)
			return &self->file->places[i];
	return NULL;
}

/* Until each guest has had a quantum, and then @nr more, of all. */
static void look(FIXTURE_DATA(share) *self, unsigned int nr, unsigned long *got)
{
	unsigned long sum;
	unsigned int i;

	for (i = 0; i < self->nr; i++)
		while (self->guests[i].pid && !quanta(self, i))
			pause_a_little();
	for (i = 0; i < self->nr; i++)
		self->before[i] = quanta(self, i);
	do {
		pause_a_little();
		for (i = 0, sum = 0; i < self->nr; i++) {
			got[i] = quanta(self, i) - self->before[i];
			sum += got[i];
		}
	} while (sum < nr);
}

/* Each has its part of all quanta, in hundredths. */
static void expect_parts(struct __test_metadata *_metadata, FIXTURE_DATA(share) *self,
			 const unsigned int *parts)
{
	unsigned long got[MAX_GUESTS], sum = 0;
	unsigned int i;

	look(self, QUANTA, got);
	for (i = 0; i < self->nr; i++)
		sum += got[i];
	for (i = 0; i < self->nr; i++) {
		unsigned long due = parts[i] * sum / 100;

		EXPECT_LE(due, got[i] + SLACK);
		EXPECT_LE(got[i], due + SLACK);
		TH_LOG("guest %u: %lu of %lu quanta, due %lu", i, got[i], sum, due);
	}
}

TEST_F_TIMEOUT(share, seventy_thirty, TIMEOUT)
{
	start(_metadata, self, "spin.bin", "--weight=70", NULL);
	start(_metadata, self, "spin.bin", "--weight=30", NULL);
	expect_parts(_metadata, self, (const unsigned int[]){ 70, 30 });
}

TEST_F_TIMEOUT(share, halves, TIMEOUT)
{
	start(_metadata, self, "spin.bin", "--weight=50", NULL);
	start(_metadata, self, "spin.bin", "--weight=50", NULL);
	expect_parts(_metadata, self, (const unsigned int[]){ 50, 50 });
}

TEST_F_TIMEOUT(share, three, TIMEOUT)
{
	start(_metadata, self, "spin.bin", "--weight=5000", NULL);
	start(_metadata, self, "spin.bin", "--weight=3000", NULL);
	start(_metadata, self, "spin_cli.bin", "--weight=2000", NULL);
	expect_parts(_metadata, self, (const unsigned int[]){ 50, 30, 20 });
}

/* Spinners, however many, leave to one guest what is its own: nobody is starved. */
TEST_F_TIMEOUT(share, one_against_three, TIMEOUT)
{
	start(_metadata, self, "spin.bin", "--weight=400", NULL);
	start(_metadata, self, "spin.bin", "--weight=100", NULL);
	start(_metadata, self, "spin.bin", "--weight=100", "--quantum=10ms");
	start(_metadata, self, "spin_cli.bin", "--weight=200", NULL);
	/* Of 15 quanta 8, 2, 4, and one of twice the length. */
	expect_parts(_metadata, self, (const unsigned int[]){ 53, 13, 7, 27 });
}

/* Two vCPUs have no more than one. */
TEST_F_TIMEOUT(share, vcpus, TIMEOUT)
{
	start(_metadata, self, "spin.bin", "--weight=100", "--cpus=2");
	start(_metadata, self, "spin.bin", "--weight=100", NULL);
	expect_parts(_metadata, self, (const unsigned int[]){ 50, 50 });
}

/*
 * A guest in HLT leaves its turn to the others; and when it wants to run at last, it has
 * its half of the time and no more, although it had next to nothing before.
 */
TEST_F_TIMEOUT(share, sleeper, TIMEOUT)
{
	unsigned long before, meanwhile;

	start(_metadata, self, "spin.bin", "--weight=100", NULL);
	start_blob(_metadata, self, sleeper, sizeof(sleeper));
	while (!place_of(self, 1))
		pause_a_little();
	before = quanta(self, 0);
	while (!quanta(self, 1))
		pause_a_little();
	meanwhile = quanta(self, 0) - before;
	TH_LOG("%lu quanta before it woke", meanwhile);
	/* Of 72; next to none if it slept in its turn. */
	EXPECT_LT(10, meanwhile);
	expect_parts(_metadata, self, (const unsigned int[]){ 50, 50 });
}

/* Exits are not free: the time that they take is paid for, beyond that of the guest. */
TEST_F_TIMEOUT(share, exits, TIMEOUT)
{
	struct share_place *spin, *storm;
	uint64_t spin_before, storm_before, spun, stormed;
	unsigned long got[MAX_GUESTS];

	start(_metadata, self, "spin.bin", "--weight=100", NULL);
	start_blob(_metadata, self, exits, sizeof(exits));
	while (!(spin = place_of(self, 0)) || !(storm = place_of(self, 1)) || !spin->used ||
	       !storm->used)
		pause_a_little();
	spin_before = spin->used;
	storm_before = storm->used;
	self->nr = 1;
	look(self, QUANTA, got);
	self->nr = 2;
	spun = spin->used - spin_before;
	stormed = storm->used - storm_before;
	TH_LOG("used: %llu and %llu; %lu quanta and %lu", (unsigned long long)spun,
	       (unsigned long long)stormed, got[0], (unsigned long)storm->quanta);
	EXPECT_LT(spun, stormed + spun / 10);
	EXPECT_LT(stormed, spun + spun / 10);
}

/* A guest that has the turn, or -1: the lock-free word says which. */
static int has_turn(FIXTURE_DATA(share) *self)
{
	unsigned int owner = self->file->turn & 0xff, i;

	for (i = 0; owner && i < self->nr; i++)
		if (place_of(self, i) == &self->file->places[owner - 1])
			return i;
	return -1;
}

/* Stops a guest in its turn: once it has stopped, it has not given it up. */
static int stop_in_turn(struct __test_metadata *_metadata, FIXTURE_DATA(share) *self)
{
	int guest;
	pid_t pid;

	for (;;) {
		while ((guest = has_turn(self)) < 0)
			pause_a_little();
		pid = self->guests[guest].pid;
		ASSERT_EQ(0, kill(pid, SIGSTOP));
		ASSERT_EQ(pid, waitpid(pid, NULL, WUNTRACED));
		if (has_turn(self) == guest)
			return guest;
		kill(pid, SIGCONT);
		pause_a_little();
	}
}

TEST_F_TIMEOUT(share, killed, TIMEOUT)
{
	unsigned long got[MAX_GUESTS];
	struct share_place *place;
	unsigned int parts[] = { 50, 50, 0 };
	int victim, i;

	for (i = 0; i < 3; i++)
		start(_metadata, self, "spin.bin", "--weight=100", NULL);
	look(self, 10, got);
	victim = stop_in_turn(_metadata, self);
	place = place_of(self, victim);
	end_guest(&self->guests[victim]);
	/* It has died in its turn, and could not give it up. */
	ASSERT_EQ(place - self->file->places + 1, self->file->turn & 0xff);

	/* The others go on; and whoever comes gets its place. */
	self->guests[victim] = self->guests[2];
	self->nr = 2;
	expect_parts(_metadata, self, parts);
	start(_metadata, self, "spin.bin", "--weight=100", NULL);
	look(self, 10, got);
	EXPECT_EQ(place, place_of(self, 2));
}

/* One that waits, and would be next: nobody waits for it for ever. */
TEST_F_TIMEOUT(share, killed_waiting, TIMEOUT)
{
	unsigned long got[MAX_GUESTS];
	int victim, i;

	for (i = 0; i < 3; i++)
		start(_metadata, self, "spin.bin", "--weight=100", NULL);
	look(self, 10, got);
	for (victim = 0; place_of(self, victim)->state != SHARE_WAITING; )
		victim = (victim + 1) % 3;
	kill(self->guests[victim].pid, SIGSTOP);
	/* Whatever was going on when it stopped: it waits now, and has the lowest pass. */
	place_of(self, victim)->pass = 0;
	place_of(self, victim)->state = SHARE_WAITING;
	end_guest(&self->guests[victim]);
	self->guests[victim] = self->guests[2];
	self->nr = 2;
	expect_parts(_metadata, self, (const unsigned int[]){ 50, 50 });
}

/* So do they if it is only stopped; and it comes back to its share. */
TEST_F_TIMEOUT(share, stopped, TIMEOUT)
{
	unsigned long got[MAX_GUESTS], before, had;
	int victim, i;

	for (i = 0; i < 2; i++)
		start(_metadata, self, "spin.bin", "--weight=100", NULL);
	look(self, 10, got);
	victim = stop_in_turn(_metadata, self);
	had = quanta(self, victim);
	before = quanta(self, !victim);
	while (quanta(self, !victim) < before + 20)
		pause_a_little();
	EXPECT_EQ(had, quanta(self, victim));
	kill(self->guests[victim].pid, SIGCONT);
	/* What it did not get meanwhile, it may have now. */
	before = quanta(self, victim);
	while (quanta(self, victim) < before + 30)
		pause_a_little();
	expect_parts(_metadata, self, (const unsigned int[]){ 50, 50 });
}

/* A file that somebody writes nonsense to costs shares, and no more than that. */
TEST_F_TIMEOUT(share, nonsense, TIMEOUT)
{
	unsigned long before;
	int i;

	start(_metadata, self, "spin.bin", "--weight=100", NULL);
	while (!quanta(self, 0))
		pause_a_little();
	for (i = 0; i < 4; i++) {
		before = quanta(self, 0);
		self->file->turn = i & 1 ? ~0ULL : 200;
		self->file->pass = ~0ULL >> i;
		self->file->places[40].state = i & 2 ? SHARE_WAITING : 77;
		self->file->places[40].weight = 0;
		self->file->places[40].pass = 0;
		while (quanta(self, 0) < before + 5)
			pause_a_little();
	}
	EXPECT_EQ(0, waitpid(self->guests[0].pid, NULL, WNOHANG));
}

/* Who never gets its turn ends in time all the same. */
TEST_F_TIMEOUT(share, timeout, TIMEOUT)
{
	/* With its turn, it would end by itself. */
	static const struct guest_run run = {
		.guest = "hello.bin", .options = { "--share=" SHARE, "--timeout=0.3" },
		.status = STATUS_TIMEOUT, .says = "no end after 0.3 s",
	};
	char messages[MAX_OUTPUT];
	struct timespec time;
	pid_t greedy = fork();

	ASSERT_LE(0, greedy);
	if (!greedy)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!greedy) {
		clock_gettime(CLOCK_MONOTONIC, &time);
		self->file->turn = (time.tv_sec * 1000000ULL + time.tv_nsec / 1000) << 8 | 50;
		pause_a_little();
	}
	while (!self->file->turn)
		pause_a_little();
	vmrun_expect(_metadata, "--device=" MINIVMX_PATH, &run, messages);
	EXPECT_NE(NULL, strstr(messages, "no exit reached vmrun"));
	kill(greedy, SIGKILL);
	waitpid(greedy, NULL, 0);
}

TEST_F_TIMEOUT(share, runs, TIMEOUT)
{
	static const struct guest_run runs[] = {
		{ .guest = "hello.bin", .options = { "--share=" SHARE, "--sandbox=on" },
		  .output = "Hello, world!\n" },
		{ .guest = "timer.bin", .options = { "--share=" SHARE },
		  .output = "tick\ntick\ntick\ntick\ntick\ndone\n" },
		{ .guest = "spinlock.bin", .options = { "--share=" SHARE, "--cpus=2" },
		  .output = "2000\n" },
		{ .guest = "hello.bin", .options = { "--quantum=10us" },
		  .output = "Hello, world!\n" },
		{ .guest = "hello.bin", .options = { "--quantum=5ms", "--stat" },
		  .output = "Hello, world!\n", .says = "cycles in the guest" },
		{ .guest = "hello.bin", .options = { "--quantum=5ms", "--stat", "--json" },
		  .output = "Hello, world!\n", .says = "\"guest_cycles\":" },
		{ .guest = "hello.bin", .options = { "--quantum=9us" }, .status = STATUS_USAGE,
		  .says = "--quantum=9us" },
		{ .guest = "hello.bin", .options = { "--quantum=101ms" },
		  .status = STATUS_USAGE, .says = "--quantum=101ms" },
		{ .guest = "hello.bin", .options = { "--quantum=5" }, .status = STATUS_USAGE },
		{ .guest = "hello.bin", .options = { "--weight=10" }, .status = STATUS_USAGE,
		  .says = "give --share" },
		{ .guest = "hello.bin", .options = { "--weight=10001", "--share=" SHARE },
		  .status = STATUS_USAGE, .says = "from 1 to 10000" },
		{ .guest = "hello.bin", .options = { "--share=/no/such/file" },
		  .status = STATUS_HOST, .says = "/no/such/file" },
		{ .guest = "hello.bin", .options = { "--share=/dev/null" },
		  .status = STATUS_HOST, .says = "no file of --share" },
		{ .guest = "hello.bin", .options = { "--share=/proc/self/exe" },
		  .status = STATUS_HOST },
		{ .guest = "hello.bin", .options = { "--share=" SHARE ".bad" },
		  .status = STATUS_HOST, .says = "no file of --share" },
	};
	static char bad[sizeof(struct share_file)] = "bad";
	char messages[MAX_OUTPUT];
	size_t i;
	int fd;

	fd = open(SHARE ".bad", O_RDWR | O_CREAT, 0600);
	ASSERT_EQ(sizeof(bad), write(fd, bad, sizeof(bad)));
	close(fd);
	for (i = 0; i < ARRAY_SIZE(runs); i++)
		vmrun_expect(_metadata, "--device=" MINIVMX_PATH, &runs[i], messages);
	unlink(SHARE ".bad");
	for (i = 0; i < SHARE_PLACES; i++) {
		EXPECT_EQ(SHARE_FREE, self->file->places[i].state);
	}
	EXPECT_EQ(0, self->file->turn & 0xff);
}

/* Nothing of it is KVM's. */
TEST(kvm)
{
	const struct guest_run run = {
		.guest = "hello.bin", .options = { "--quantum=5ms" }, .status = STATUS_HOST,
		.says = "minivmx only",
	};
	char messages[MAX_OUTPUT];

	device_need(_metadata, KVM_PATH);
	vmrun_expect(_metadata, "--device=" KVM_PATH, &run, messages);
}

TEST_HARNESS_MAIN
