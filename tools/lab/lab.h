/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lab.h - the launcher: what was asked for, the machine, and the parts that run it. */
#ifndef LAB_LAB_H
#define LAB_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define LAB_CARDS_MAX	4
#define LAB_FAULTS_MAX	32
#define LAB_ENV_MAX	32

/* Exit codes of the tool; a command's own status is passed through. */
enum { LAB_OK, LAB_NO, LAB_USAGE, LAB_NO_DEVICE, LAB_ENVIRONMENT };

struct lab_options {
	char root[2048];		/* the project */
	char kernel_dir[2200], modules[2200], logs[2200];
	const char *kernel;		/* series: 6.1, 6.12 */
	const char *accel, *clocksource, *append;
	unsigned int smp, memory_mib, cards, channels, boot_timeout;
	char disk[2048];		/* image on the host, empty: none */
	uint64_t disk_size;		/* bytes, to create it with */
	char disk_mount[256];		/* where the guest has it */
	char share[2048];		/* directory, same path on both sides; empty: none */
	const char *log;		/* the cards' account; NULL: below logs */
	const char *name;
	bool network, udev, verbose, shell, load_driver;
	uint64_t seed;
	double time_compression, clock_ppm, start, ambient;
	double plant_range;		/* > 0: a random bath */
	const char *faults[LAB_FAULTS_MAX];
	unsigned int fault_card[LAB_FAULTS_MAX];
	unsigned int fault_count;
	const char *env[LAB_ENV_MAX];
	unsigned int env_count;
	char **command;
	unsigned int command_count;
};

struct lab_vm {
	pid_t qemu, card[LAB_CARDS_MAX];
	unsigned int cards;
	int agent, serial, guest_control, qmp;	/* sockets, our ends */
	int card_control[LAB_CARDS_MAX];
	uid_t uid;			/* who QEMU runs as */
	gid_t gid;
	bool share_lent;		/* the shared directory belongs to uid for the time being */
	int memory;
};

/* Print "sense-lab: ..." on standard error. */
void lab_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* vm.c: returns 0, or an exit code after saying why. */
int lab_vm_start(struct lab_vm *vm, const struct lab_options *options);
/* End every process that still runs; give the share back. Idempotent. */
void lab_vm_stop(struct lab_vm *vm, const struct lab_options *options);

/* guest.c: the initramfs of this run in a memory file, or -1 after saying why. */
int lab_guest_image(const struct lab_options *options);

/* run.c: from boot to power-off; the exit status of it all. */
int lab_run(const struct lab_options *options);

/* control.c: the socket on which "sense-lab fault" finds a running lab. */
int lab_control_listen(const char *name, char *path, size_t size);
/* Ask a lab (NULL: the only one) and print its answer. Returns an exit code. */
int lab_control_ask(const char *name, const char *request, FILE *out);

/* kernel-log.c: whether a line of the kernel's log is one that must not occur. */
bool lab_kernel_trouble(const char *line);

#endif
