// SPDX-License-Identifier: GPL-2.0
/*
 * How many exits there were, by reason, and how long they took: at the end of a run
 * (vmrun --stat), and of all VMs that run (vmrun stat).
 */
#include <argp.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "exit_status.h"
#include "help.h"
#include "json.h"
#include "names.h"
#include "quantum.h"
#include "stat.h"

#define DEBUGFS		"/sys/kernel/debug/minivmx"

/* One reason of one vCPU. */
struct row {
	unsigned int reason;
	char name[40];
	unsigned long long count, cycles, min, median, p99, max;
};

/* ------------------------- a table, or JSON ------------------------------- */

static void print_head(FILE *out, const char *whose)
{
	fprintf(out, "%s\n%-20s %10s %14s %10s %10s %10s %12s\n", whose, "exit", "count",
		"cycles", "min", "median", "p99", "max");
}

static void print_row(FILE *out, const struct row *row, bool json, bool first)
{
	if (json) {
		fprintf(out, "%s{\"reason\":%u,\"name\":\"%s\"", first ? "" : ",", row->reason,
			row->name);
		fprintf(out, ",\"count\":%llu,\"cycles\":%llu", row->count, row->cycles);
		fprintf(out, ",\"min\":%llu,\"median\":%llu,\"p99\":%llu,\"max\":%llu}",
			row->min, row->median, row->p99, row->max);
	} else {
		fprintf(out, "%-20s %10llu %14llu %10llu %10llu %10llu %12llu\n", row->name,
			row->count, row->cycles, row->min, row->median, row->p99, row->max);
	}
}

/* ------------------------- at the end of a run ---------------------------- */

/**
 * stat_begin() - measure exits, if they are asked for
 * @opt: says so
 * @vm: the VM
 * @vcpus: its vCPUs, before the guest runs
 *
 * Return: 0, or an exit status after a message.
 */
int stat_begin(const struct options *opt, const struct vm *vm, const struct vcpu *vcpus)
{
	unsigned int i;

	for (i = 0; opt->stat && i < opt->cpus; i++)
		if (ioctl(vcpus[i].fd, MINIVMX_TIME_EXITS, 1) < 0) {
			if (errno == ENOTTY || errno == EINVAL)
				warnx("--stat: %s does not count exits", vm->device);
			else
				warn("--stat: MINIVMX_TIME_EXITS");
			return STATUS_HOST;
		}
	return 0;
}

static int print_vcpu(const struct options *opt, const struct vm *vm,
		      const struct vcpu *vcpu)
{
	static struct minivmx_exit_stats stats;
	static struct minivmx_exit_times times;
	bool first = true;
	char whose[24];
	unsigned int i;

	if (vm_ioctl(vm, vcpu->fd, MINIVMX_GET_EXIT_STATS, &stats) < 0 ||
	    vm_ioctl(vm, vcpu->fd, MINIVMX_GET_EXIT_TIMES, &times) < 0)
		return STATUS_HOST;
	snprintf(whose, sizeof(whose), "vCPU %u", vcpu->number);
	if (opt->json)
		fprintf(stderr, "%s{\"vcpu\":%u,\"exits\":[", vcpu->number ? "," : "",
			vcpu->number);
	else
		print_head(stderr, whose);
	for (i = 0; i < MINIVMX_NR_EXIT_REASONS; i++) {
		struct row row = {
			.reason = i, .count = stats.count[i], .cycles = stats.cycles[i],
			.min = times.min[i], .median = times.median[i],
			.p99 = times.p99[i], .max = times.max[i],
		};

		if (!row.count)
			continue;
		snprintf(row.name, sizeof(row.name), "%s", vmx_exit_name(i));
		print_row(stderr, &row, opt->json, first);
		first = false;
	}
	if (opt->json)
		fputc(']', stderr);
	quantum_print(opt, vcpu);
	if (opt->json)
		fputc('}', stderr);
	return 0;
}

/**
 * stat_end() - say what was measured, on standard error
 * @opt: as stat_begin() had it
 * @vm: the VM
 * @vcpus: its vCPUs, after the run
 *
 * Return: 0, or an exit status after a message.
 */
int stat_end(const struct options *opt, const struct vm *vm, const struct vcpu *vcpus)
{
	unsigned int i;
	int status = 0;

	if (!opt->stat)
		return 0;
	if (opt->json) {
		fputs("{\"schema\":\"minivmx-stat-1\",\"guest\":", stderr);
		json_put_string(stderr, opt->file);
		fputs(",\"vcpus\":[", stderr);
	}
	for (i = 0; i < opt->cpus && !status; i++)
		status = print_vcpu(opt, vm, &vcpus[i]);
	if (opt->json)
		fputs("]}\n", stderr);
	return status;
}

/* ------------------------- of VMs that run -------------------------------- */

struct stat_options {
	bool json;
	unsigned long interval;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct stat_options *opt = state->input;
	char *end;

	switch (key) {
	case 'j':
		opt->json = true;
		return 0;
	case 'i':
		opt->interval = strtoul(arg, &end, 10);
		if (*arg < '0' || *arg > '9' || *end || !opt->interval ||
		    opt->interval > 86400)
			argp_failure(state, STATUS_USAGE, 0,
				     "--interval=%s: not a number of seconds from 1 to 86400",
				     arg);
		return 0;
	case ARGP_KEY_ARG:
		argp_failure(state, STATUS_USAGE, 0, "%s: stat takes no file", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option option_table[] = {
	{ "json", 'j', NULL, 0, "Print JSON", 0 },
	{ "interval", 'i', "SECONDS", 0, "Print it again and again", 0 },
	{ 0 }
};

/* The file of a vCPU: a line of titles, then a row a line. */
static void print_file(FILE *file, const char *vm, const char *vcpu, bool json, bool first_vcpu)
{
	char line[256], whose[600];
	bool first = true;
	struct row row;

	if (json) {
		fprintf(stdout, "%s{\"vm\":\"%s\",\"vcpu\":%s,\"exits\":[",
			first_vcpu ? "" : ",", vm, vcpu + strlen("vcpu"));
	} else {
		snprintf(whose, sizeof(whose), "%s %s", vm, vcpu);
		print_head(stdout, whose);
	}
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%u %39s %llu %llu %llu %llu %llu %llu", &row.reason, row.name,
			   &row.count, &row.cycles, &row.min, &row.median, &row.p99,
			   &row.max) != 8)
			continue;
		print_row(stdout, &row, json, first);
		first = false;
	}
	if (json)
		fputs("]}", stdout);
}

/* A VM that ends meanwhile is left out. */
static void print_vm(const char *vm, bool json, bool *first)
{
	struct dirent **entries;
	char path[600];
	FILE *file;
	int nr, i;

	snprintf(path, sizeof(path), DEBUGFS "/%s", vm);
	nr = scandir(path, &entries, NULL, versionsort);
	for (i = 0; i < nr; i++) {
		snprintf(path, sizeof(path), DEBUGFS "/%s/%s", vm, entries[i]->d_name);
		file = strncmp(entries[i]->d_name, "vcpu", 4) ? NULL : fopen(path, "re");
		if (file) {
			print_file(file, vm, entries[i]->d_name, json, *first);
			*first = false;
			fclose(file);
		}
		free(entries[i]);
	}
	if (nr >= 0)
		free(entries);
}

static int print_all(bool json)
{
	struct dirent **entries;
	bool first = true;
	int nr, i;

	nr = scandir(DEBUGFS, &entries, NULL, versionsort);
	if (nr < 0) {
		warn("stat: %s (only root may read it, and minivmx.ko has to be loaded)",
		     DEBUGFS);
		return STATUS_HOST;
	}
	if (json)
		fputs("{\"schema\":\"minivmx-stat-1\",\"vcpus\":[", stdout);
	for (i = 0; i < nr; i++) {
		if (entries[i]->d_name[0] != '.')
			print_vm(entries[i]->d_name, json, &first);
		free(entries[i]);
	}
	free(entries);
	if (json)
		fputs("]}\n", stdout);
	else if (first)
		puts("no virtual machine");
	if (fflush(stdout) || ferror(stdout)) {
		warn("standard output");
		return STATUS_HOST;
	}
	return 0;
}

/**
 * stat_command() - vmrun stat: the exits of all VMs that run
 * @argc: as main() got it, without the name of the program
 * @argv: likewise
 *
 * Return: exit status.
 */
int stat_command(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_table,
		.parser = parse_option,
		.doc = "Print the VM exits of all virtual machines of minivmx, by reason.\n"
		       "\vThe times are cycles of the time-stamp counter, from an exit to the\n"
		       "next entry; they are 0 unless the VM's owner measures them, as vmrun\n"
		       "--stat does. Root only.",
		.children = help_children,
	};
	struct stat_options opt = { 0 };
	int status;

	/* As messages and --help name it. */
	argv[0] = "vmrun stat";
	argp_err_exit_status = STATUS_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &opt);
	do {
		status = print_all(opt.json);
		if (!status && opt.interval)
			sleep(opt.interval);
	} while (!status && opt.interval);
	return status;
}
