/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Running vmrun: a command line, and what has to come of it.
 *
 *	VMRUN	the program (default: vmrun, in PATH)
 *	GUESTS	the directory of the guests (default: guests)
 */
#ifndef SELFTESTS_VMRUN_H
#define SELFTESTS_VMRUN_H

#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "../userspace/exit_status.h"
#include "devices.h"

#define MAX_OUTPUT	4096

/**
 * struct guest_run - a command line, and what has to come of it
 * @options: for vmrun, beside --device
 * @guest: a file in the directory of the guests, or, with a /, anywhere
 * @input: standard input; NULL is that of /dev/null
 * @silent: standard input has no end, and nothing comes
 * @output: standard output
 * @contains: if there, a part of standard output, instead of all of it
 * @says: a part of standard error
 * @status: exit status
 * @uid: who runs it, and the group of that number; 0 is whoever runs the test
 */
struct guest_run {
	const char *options[4];
	const char *guest;
	const char *input;
	bool silent;
	const char *output;
	const char *contains;
	const char *says;
	int status;
	uid_t uid;
};

/**
 * struct vmrun - a vmrun that runs
 * @pid: its process
 * @output: what comes out of it can be read here
 * @messages: a file that gets its standard error
 */
struct vmrun {
	pid_t pid;
	int output;
	int messages;
};

static inline const char *environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

static inline void guest_path(char *path, size_t size, const char *guest)
{
	if (strchr(guest, '/'))
		snprintf(path, size, "%s", guest);
	else
		snprintf(path, size, "%s/%s", environment("GUESTS", "guests"), guest);
}

/* A descriptor from which nothing can be read; as long as the test, it has no end. */
static inline int nothing_to_read(void)
{
	int ends[2];

	return pipe2(ends, O_CLOEXEC) ? -1 : ends[0];
}

/* A descriptor from which @text can be read, and then the end. */
static inline int text_to_read(const char *text)
{
	int ends[2];

	if (!text)
		return open("/dev/null", O_RDONLY);
	if (pipe(ends) || write(ends[1], text, strlen(text)) != (ssize_t)strlen(text))
		return -1;
	close(ends[1]);
	return ends[0];
}

/* A file without a name. */
static inline int scratch_file(void)
{
	char path[] = "/tmp/vmrun.XXXXXX";
	int fd = mkstemp(path);

	if (fd >= 0)
		unlink(path);
	return fd;
}

/** vmrun_start_from() - vmrun_start(), with this as standard input */
static inline int vmrun_start_from(struct vmrun *vmrun, const char *device,
				   const struct guest_run *run, int input)
{
	const char *program = environment("VMRUN", "vmrun");
	const char *argv[8] = { program, device };
	int ends[2], argc = 2;
	char guest[256];
	size_t i;

	guest_path(guest, sizeof(guest), run->guest);
	for (i = 0; i < ARRAY_SIZE(run->options) && run->options[i]; i++)
		argv[argc++] = run->options[i];
	argv[argc] = guest;

	vmrun->messages = scratch_file();
	if (input < 0 || vmrun->messages < 0 || pipe(ends))
		return -1;
	vmrun->pid = fork();
	if (!vmrun->pid) {
		if (dup2(input, 0) < 0 || dup2(ends[1], 1) < 0 ||
		    dup2(vmrun->messages, 2) < 0)
			_exit(127);
		if (run->uid && (setresgid(run->uid, run->uid, run->uid) ||
				 setresuid(run->uid, run->uid, run->uid)))
			_exit(127);
		/* It does not outlive a test that fails. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		close(ends[1]);
		execvp(program, (char **)argv);
		_exit(127);
	}
	close(ends[1]);
	vmrun->output = ends[0];
	return vmrun->pid < 0 ? -1 : 0;
}

/** vmrun_start() - starts vmrun. Return: 0; -1 on failure. */
static inline int vmrun_start(struct vmrun *vmrun, const char *device,
			      const struct guest_run *run)
{
	int input = run->silent ? nothing_to_read() : text_to_read(run->input);
	int ret = vmrun_start_from(vmrun, device, run, input);

	close(input);
	return ret;
}

/* All that comes until the end; the buffer is larger than any of it. */
static inline void read_all(int fd, char *buffer)
{
	size_t length = 0;
	ssize_t n;

	while (length < MAX_OUTPUT - 1 &&
	       (n = read(fd, buffer + length, MAX_OUTPUT - 1 - length)) > 0)
		length += n;
	buffer[length] = '\0';
	close(fd);
}

static inline unsigned int checksum(const char *text)
{
	unsigned int sum = 0;

	while (*text)
		sum = sum * 31 + (unsigned char)*text++;
	return sum;
}

/**
 * vmrun_expect() - run vmrun, and expect what has to come of it
 * @_metadata: the test
 * @device: the option that names the device
 * @run: the rest
 * @messages: gets its standard error; MAX_OUTPUT bytes
 */
static inline void vmrun_expect(struct __test_metadata *_metadata, const char *device,
				const struct guest_run *run, char *messages)
{
	int status, failed = !_metadata->passed;
	char seen[MAX_OUTPUT];
	struct vmrun vmrun;

	ASSERT_EQ(0, vmrun_start(&vmrun, device, run));
	read_all(vmrun.output, seen);
	ASSERT_EQ(vmrun.pid, waitpid(vmrun.pid, &status, 0));
	ASSERT_EQ(0, lseek(vmrun.messages, 0, SEEK_SET));
	read_all(vmrun.messages, messages);

	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(run->status, WEXITSTATUS(status));
	if (run->contains) {
		EXPECT_NE(NULL, strstr(seen, run->contains));
	} else {
		EXPECT_STREQ(run->output ?: "", seen);
	}
	if (run->says) {
		EXPECT_NE(NULL, strstr(messages, run->says));
	}
	/* A row of the table that check.sh prints. */
	printf("# guest | %s%s%s | %s | status %d, %zu bytes of output, sum %#x\n",
	       run->guest, run->options[0] ? " " : "", run->options[0] ?: "",
	       device + sizeof("--device=") - 1, WEXITSTATUS(status), strlen(seen),
	       checksum(seen));
	if (!failed && !_metadata->passed)
		TH_LOG("vmrun %s %s %s\n%s%s", device, run->options[0] ?: "", run->guest,
		       seen, messages);
}

/**
 * vmrun_refused_on_kvm() - each of some options gets one line on KVM, and no run
 * @_metadata: the test
 * @options: the options, by themselves
 * @nr: how many
 * @says: what follows "vmrun: " and the path of the device
 */
static inline void vmrun_refused_on_kvm(struct __test_metadata *_metadata,
					const char *const *options, size_t nr, const char *says)
{
	char line[256], messages[MAX_OUTPUT];
	struct guest_run run = {
		.guest = "hello.bin", .status = STATUS_HOST, .says = line,
	};
	size_t i;

	device_need(_metadata, KVM_PATH);
	snprintf(line, sizeof(line), "vmrun: " KVM_PATH ": %s\n", says);
	for (i = 0; i < nr; i++) {
		run.options[0] = options[i];
		vmrun_expect(_metadata, "--device=" KVM_PATH, &run, messages);
		EXPECT_STREQ(line, messages);
	}
}

#endif /* SELFTESTS_VMRUN_H */
