// SPDX-License-Identifier: GPL-2.0
/*
 * The file of --share: opened, and places in it taken and given back.
 */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exit_status.h"
#include "quantum.h"
#include "share.h"

/* Return: 0, or an exit status after a message. */
static int map_file(struct share *share, const char *path)
{
	struct stat stat;
	void *file;

	share->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
	if (share->fd < 0 || fstat(share->fd, &stat)) {
		warn("--share=%s", path);
		return STATUS_HOST;
	}
	if (!S_ISREG(stat.st_mode) || (stat.st_size && stat.st_size != sizeof(*share->file))) {
		warnx("--share=%s: exists, and is no file of --share", path);
		return STATUS_HOST;
	}
	/* Zeros are a file without anybody in it: whoever else is here does the same. */
	if (ftruncate(share->fd, sizeof(*share->file))) {
		warn("--share=%s", path);
		return STATUS_HOST;
	}
	file = mmap(NULL, sizeof(*share->file), PROT_READ | PROT_WRITE, MAP_SHARED,
		    share->fd, 0);
	if (file == MAP_FAILED) {
		warn("--share=%s", path);
		return STATUS_HOST;
	}
	share->file = file;
	if (stat.st_size && share->file->magic && share->file->magic != SHARE_MAGIC) {
		warnx("--share=%s: exists, and is no file of --share", path);
		return STATUS_HOST;
	}
	share->file->magic = SHARE_MAGIC;
	return 0;
}

/* Ours until the descriptor is closed, which the kernel does if nobody else does. */
static bool lock_place(int fd, unsigned int place)
{
	struct flock lock = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = place, .l_len = 1,
	};

	return !fcntl(fd, F_OFD_SETLK, &lock);
}

/* Takes a place from *@from on, with what is left of whoever died in it. */
static bool take_place(struct share *share, unsigned int *from, const struct vcpu *vcpu,
		       unsigned int weight)
{
	struct share_place *place;

	while (*from < SHARE_PLACES && !lock_place(share->fd, *from))
		++*from;
	if (*from == SHARE_PLACES)
		return false;
	place = &share->file->places[*from];
	place->state = SHARE_IDLE;
	share_leave_turn(share->file, *from);
	place->guest = getpid();
	place->vcpu = vcpu->number;
	place->weight = weight;
	place->pass = share->file->pass;
	place->used = 0;
	place->quanta = 0;
	return true;
}

static int take_places(struct share *share, const struct options *opt, struct vcpu *vcpus)
{
	unsigned int i, place = 0;

	for (i = 0; i < opt->cpus; i++, place++) {
		if (!take_place(share, &place, &vcpus[i], opt->share.weight)) {
			warnx("--share=%s: all %d places are taken", opt->share.file,
			      SHARE_PLACES);
			return STATUS_HOST;
		}
		vcpus[i].seat = (struct seat){
			.share = share, .place = place, .weight = opt->share.weight,
		};
	}
	return 0;
}

static void give_up(struct share *share)
{
	if (share->file)
		munmap(share->file, sizeof(*share->file));
	if (share->fd >= 0)
		close(share->fd);
	free(share);
}

/**
 * share_open() - take a place for each vCPU, if guests shall take turns
 * @opt: says so
 * @vm: the VM
 * @vcpus: its vCPUs; they get their seats
 *
 * Return: 0, or an exit status after a message.
 */
int share_open(const struct options *opt, const struct vm *vm, struct vcpu *vcpus)
{
	int khz, status = STATUS_HOST;
	struct share *share;

	if (!opt->share.file)
		return 0;
	khz = vm_ioctl(vm, vcpus[0].fd, MINIVMX_GET_TSC_KHZ, 0);
	if (khz < 0)
		return STATUS_HOST;
	share = calloc(1, sizeof(*share));
	if (!share) {
		warn("--share");
		return STATUS_HOST;
	}
	share->fd = -1;
	share->tsc_khz = khz;
	share->quantum_us = opt->share.quantum_us;
	status = map_file(share, opt->share.file);
	if (!status)
		status = take_places(share, opt, vcpus);
	if (status) {
		vcpus[0].seat.share = NULL;
		give_up(share);
	}
	return status;
}

/**
 * share_close() - give the places back; the run is over
 * @opt: as share_open() had it
 * @vcpus: the vCPUs
 */
void share_close(const struct options *opt, struct vcpu *vcpus)
{
	struct share *share = vcpus[0].seat.share;
	unsigned int i;

	if (!share)
		return;
	for (i = 0; i < opt->cpus; i++) {
		share->file->places[vcpus[i].seat.place].state = SHARE_FREE;
		share_leave_turn(share->file, vcpus[i].seat.place);
	}
	give_up(share);
}
