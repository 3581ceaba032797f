// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vm.c - the processes of a lab: one per card, and QEMU. Everything QEMU opens is handed over as an
 * open descriptor, so it can run as nobody and see no path of the host's: not the home directories
 * that the project may lie below, and no /dev/shm that a small machine may lack.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bath.h"
#include "card-process.h"
#include "channel.h"
#include "ivshmem.h"
#include "lab.h"

#define NOBODY		65534
#define ARGUMENTS	160
#define QEMU		"qemu-system-x86_64"

struct arguments {
	char *list[ARGUMENTS];
	unsigned int count;
	int keep[64];			/* descriptors QEMU inherits */
	unsigned int kept;
};

static void __attribute__((format(printf, 2, 3))) add(struct arguments *a, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (a->count < ARGUMENTS - 1 && vasprintf(&a->list[a->count], format, args) >= 0)
		a->count++;
	va_end(args);
}

static int keep(struct arguments *a, int fd)
{
	if (a->kept < sizeof(a->keep) / sizeof(a->keep[0]))
		a->keep[a->kept++] = fd;
	return fd;
}

/* A pair of connected sockets: ours, and the number QEMU will know the other by. */
static int pair(struct arguments *a, int *ours)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd))
		return -1;
	*ours = fd[0];
	return keep(a, fd[1]);
}

static int open_kept(struct arguments *a, const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0) {
		lab_say("%s cannot be opened: %s", path, strerror(errno));
		return -1;
	}
	return keep(a, fd);
}

/* ---- who QEMU runs as ------------------------------------------------------------------ */

static int become(uid_t uid, gid_t gid, bool kvm)
{
	struct stat status;
	gid_t more[1] = { gid };

	if (geteuid())
		return 0;
	if (kvm && !stat("/dev/kvm", &status))
		more[0] = status.st_gid;
	if (setgroups(1, more) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		return -errno;
	return 0;
}

/* Whether that user can read what QEMU must read, tried rather than guessed. */
static bool can_read(uid_t uid, gid_t gid, const int *fd, unsigned int count)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		char path[64];

		if (become(uid, gid, false))
			_exit(1);
		/* /proc/self of a process that changed its user belongs to root until it says so. */
		prctl(PR_SET_DUMPABLE, 1);
		for (unsigned int i = 0; i < count; i++) {
			int again;

			snprintf(path, sizeof(path), "/proc/self/fd/%d", fd[i]);
			again = open(path, O_RDONLY);
			if (again < 0)
				_exit(1);
			close(again);
		}
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static void choose_user(struct lab_vm *vm, const struct lab_options *options, const int *fd,
			unsigned int count)
{
	struct stat status;

	vm->uid = geteuid();
	vm->gid = getegid();
	if (vm->uid)
		return;
	if (!stat(options->root, &status) && status.st_uid &&
	    can_read(status.st_uid, status.st_gid, fd, count)) {
		vm->uid = status.st_uid;
		vm->gid = status.st_gid;
	} else if (can_read(NOBODY, NOBODY, fd, count)) {
		vm->uid = vm->gid = NOBODY;
	} else {
		lab_say("QEMU runs as root, because nobody else may read %s; 'chmod -R go+rX' on "
			"it lets QEMU run without privileges", options->root);
	}
}

/* ---- the shared directory ---------------------------------------------------------------- */

/*
 * After the run: what QEMU's user made belongs to the caller, and only plain files and directories
 * stay, since a guest could leave a link that points into the host.
 */
static void take_back(int directory, uid_t lent, uid_t uid, gid_t gid)
{
	DIR *dir = fdopendir(directory);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		struct stat status;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    fstatat(dirfd(dir), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) ||
		    status.st_uid != lent)
			continue;
		if (S_ISDIR(status.st_mode)) {
			int below = openat(dirfd(dir), entry->d_name,
					   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

			if (below >= 0)
				take_back(below, lent, uid, gid);
		} else if (!S_ISREG(status.st_mode)) {
			lab_say("%s in the shared directory is no plain file: removed",
				entry->d_name);
			unlinkat(dirfd(dir), entry->d_name, 0);
			continue;
		}
		if (fchownat(dirfd(dir), entry->d_name, uid, gid, AT_SYMLINK_NOFOLLOW) == 0 &&
		    status.st_mode & 06000)
			fchmodat(dirfd(dir), entry->d_name, status.st_mode & 0777, 0);
	}
	if (dir)
		closedir(dir);
}

static int lend_share(struct lab_vm *vm, const struct lab_options *options, struct arguments *a)
{
	int fd = open_kept(a, options->share, O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		return -1;
	if (geteuid() == 0 && vm->uid) {
		if (fchown(fd, vm->uid, vm->gid)) {
			lab_say("%s cannot be lent to QEMU: %s", options->share, strerror(errno));
			return -1;
		}
		vm->share_lent = true;
	}
	return fd;
}

/* ---- cards ---------------------------------------------------------------------------------- */

static int start_card(struct lab_vm *vm, const struct lab_options *options, unsigned int index,
		      int qemu, const struct lab_bath_parameters *bath)
{
	const char *faults[LAB_FAULTS_MAX];
	struct lab_card_process process = {
		.card = {
			.index = index, .channels = options->channels, .seed = options->seed,
			.time_compression = options->time_compression,
			.clock_ppm = options->clock_ppm,
			.start = options->start, .ambient = options->ambient, .bath = bath,
		},
		.faults = faults, .qemu = qemu, .memory = vm->memory,
		.memory_size = (size_t)options->memory_mib << 20, .log = -1,
	};
	char path[2300];
	int fd[2];

	for (unsigned int i = 0; i < options->fault_count; i++)
		if (options->fault_card[i] == index)
			faults[process.fault_count++] = options->faults[i];
	if (options->log && options->cards == 1)
		snprintf(path, sizeof(path), "%s", options->log);
	else
		snprintf(path, sizeof(path), "%s%scard%u.json",
			 options->log ? options->log : options->logs, options->log ? "." : "/",
			 index);
	process.log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (process.log < 0) {
		lab_say("%s cannot be written: %s", path, strerror(errno));
		return LAB_ENVIRONMENT;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd)) {
		close(process.log);
		return LAB_ENVIRONMENT;
	}
	process.control = fd[1];
	vm->card[index] = fork();
	if (vm->card[index] == 0) {
		/* Our ends of every socket must not live on here, or nobody would notice an end. */
		for (unsigned int i = 0; i < index; i++)
			close(vm->card_control[i]);
		close(fd[0]);
		if (vm->agent >= 0)
			close(vm->agent);
		if (become(vm->uid, vm->gid, false))
			_exit(4);
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		_exit(lab_card_process(&process));
	}
	close(fd[1]);
	close(process.log);
	vm->card_control[index] = fd[0];
	vm->cards = index + 1;
	return vm->card[index] > 0 ? 0 : LAB_ENVIRONMENT;
}

/* ---- QEMU ----------------------------------------------------------------------------------- */

static void add_share(struct arguments *a, const char *tag, int fd, bool readonly)
{
	add(a, "-fsdev");
	add(a, "local,id=%s,path=/proc/self/fd/%d,security_model=none,multidevs=remap%s", tag, fd,
	    readonly ? ",readonly=on" : "");
	add(a, "-device");
	add(a, "virtio-9p-pci,fsdev=%s,mount_tag=%s,romfile=", tag, tag);
}

static int open_disk(const struct lab_options *options, struct arguments *a)
{
	struct stat status;
	bool fresh;
	int fd = open(options->disk, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0 || fstat(fd, &status)) {
		lab_say("%s cannot be opened: %s", options->disk, strerror(errno));
		return -1;
	}
	fresh = status.st_size == 0;
	if (fresh) {
		int result;
		pid_t pid;

		if (ftruncate(fd, (off_t)options->disk_size)) {
			lab_say("%s cannot be made %llu bytes long: %s", options->disk,
				(unsigned long long)options->disk_size, strerror(errno));
			return -1;
		}
		pid = fork();
		if (pid == 0) {
			execlp("mke2fs", "mke2fs", "-q", "-F", "-t", "ext4", "-L", "sense-lab",
			       options->disk, (char *)NULL);
			execl("/sbin/mke2fs", "mke2fs", "-q", "-F", "-t", "ext4", "-L", "sense-lab",
			      options->disk, (char *)NULL);
			_exit(127);
		}
		if (pid < 0 || waitpid(pid, &result, 0) < 0 || result) {
			lab_say("%s cannot be formatted: is e2fsprogs installed?", options->disk);
			unlink(options->disk);
			return -1;
		}
	}
	return keep(a, fd);
}

static void write_map(const char *path, unsigned int id)
{
	char text[64];
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, (size_t)snprintf(text, sizeof(text), "%u %u 1", id, id)) < 0)
		errno = 0;		/* then the mount below is refused */
	close(fd);
}

/*
 * A repository's configuration may hold a remote's password. In a mount namespace of QEMU's own,
 * .git is covered, and the project opened again from there. Where namespaces are not to be had
 * (or "/" is no mount point, as in a plain chroot, so that the cover would show outside) it stays.
 */
static void cover_repository(const struct lab_options *options, int project)
{
	char path[2300];
	struct stat status;
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int fd;

	snprintf(path, sizeof(path), "%s/.git", options->root);
	if (stat(path, &status))
		return;
	if (uid) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
			return;
		write_map("/proc/self/uid_map", uid);
		fd = open("/proc/self/setgroups", O_WRONLY | O_CLOEXEC);
		if (fd >= 0) {
			if (write(fd, "deny", 4) < 0)
				errno = 0;
			close(fd);
		}
		write_map("/proc/self/gid_map", gid);
	} else if (unshare(CLONE_NEWNS)) {
		return;
	}
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return;
	if (S_ISDIR(status.st_mode) ? mount("none", path, "tmpfs", MS_RDONLY, "size=4k") :
				      mount("/dev/null", path, NULL, MS_BIND, NULL))
		return;
	fd = open(options->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		dup2(fd, project);
		close(fd);
	}
}

static int spawn(struct lab_vm *vm, const struct lab_options *options, struct arguments *a,
		 int project)
{
	pid_t launcher = getpid();

	a->list[a->count] = NULL;
	if (options->verbose) {
		fputs("sense-lab:", stderr);
		for (unsigned int i = 0; i < a->count; i++)
			fprintf(stderr, " %s", a->list[i]);
		fputc('\n', stderr);
	}
	vm->qemu = fork();
	if (vm->qemu == 0) {
		sigset_t none;
		int null = open("/dev/null", O_RDWR);

		/* A Ctrl-C on the terminal is the command's, not QEMU's. */
		setpgid(0, 0);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		dup2(null, 0);
		dup2(null, 1);
		cover_repository(options, project);
		for (unsigned int i = 0; i < a->kept; i++)
			fcntl(a->keep[i], F_SETFD, 0);
		if (become(vm->uid, vm->gid, !strcmp(options->accel, "kvm")))
			_exit(126);
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != launcher)
			_exit(126);
		if (chdir("/") == 0)
			execvp(QEMU, a->list);
		dprintf(2, "sense-lab: %s cannot be started: %s; install qemu-system-x86\n", QEMU,
			strerror(errno));
		_exit(127);
	}
	return vm->qemu > 0 ? 0 : LAB_ENVIRONMENT;
}

int lab_vm_start(struct lab_vm *vm, const struct lab_options *options)
{
	struct arguments *a = calloc(1, sizeof(*a));
	struct lab_bath_parameters bath = lab_bath_nominal;
	char path[2300], *user = NULL;
	int usr, project, kernel, image, fd, card_socket[LAB_CARDS_MAX], result = LAB_ENVIRONMENT;
	int readable[4];

	*vm = (struct lab_vm){ .agent = -1, .serial = -1, .guest_control = -1, .qmp = -1,
			       .memory = -1 };
	if (!a)
		return LAB_ENVIRONMENT;
	snprintf(path, sizeof(path), "%s/vmlinux", options->kernel_dir);
	usr = open_kept(a, "/usr", O_RDONLY | O_DIRECTORY);
	project = open_kept(a, options->root, O_RDONLY | O_DIRECTORY);
	kernel = open_kept(a, path, O_RDONLY);
	image = lab_guest_image(options);
	vm->memory = memfd_create("sense-lab-ram", MFD_CLOEXEC);
	if (usr < 0 || project < 0 || kernel < 0 || image < 0 || vm->memory < 0 ||
	    ftruncate(vm->memory, (off_t)options->memory_mib << 20))
		goto out;
	keep(a, image);
	keep(a, vm->memory);
	readable[0] = usr;
	readable[1] = project;
	readable[2] = kernel;
	readable[3] = image;
	choose_user(vm, options, readable, 4);
	if (fchown(vm->memory, vm->uid, vm->gid) || fchown(image, vm->uid, vm->gid))
		lab_say("the guest's memory cannot be given to QEMU: %s", strerror(errno));

	add(a, QEMU);
	add(a, "-name");
	add(a, "sense-lab-%s,process=sense-lab-qemu", options->name);
	add(a, "-nodefaults");
	add(a, "-no-user-config");
	add(a, "-no-reboot");
	add(a, "-display");
	add(a, "none");
	add(a, "-sandbox");
	add(a, "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
	add(a, "-machine");
	add(a, "q35,memory-backend=ram");
	add(a, "-accel");
	add(a, "%s", options->accel);
	add(a, "-cpu");
	add(a, "max");
	add(a, "-smp");
	add(a, "%u", options->smp);
	add(a, "-m");
	add(a, "%uM", options->memory_mib);
	add(a, "-object");
	add(a, "memory-backend-file,id=ram,mem-path=/proc/self/fd/%d,share=on,size=%uM",
	    vm->memory, options->memory_mib);
	add(a, "-kernel");
	add(a, "/proc/self/fd/%d", kernel);
	add(a, "-initrd");
	add(a, "/proc/self/fd/%d", image);
	add(a, "-append");
	if (options->clocksource && asprintf(&user, " clocksource=%s", options->clocksource) < 0)
		user = NULL;
	add(a, "console=ttyS0 loglevel=5 panic=-1 mitigations=off%s%s%s", user ? user : "",
	    options->append ? " " : "", options->append ? options->append : "");
	free(user);

	fd = pair(a, &vm->serial);
	add(a, "-chardev");
	add(a, "socket,id=console,fd=%d", fd);
	add(a, "-serial");
	add(a, "chardev:console");
	fd = pair(a, &vm->qmp);
	add(a, "-chardev");
	add(a, "socket,id=qmp,fd=%d", fd);
	add(a, "-mon");
	add(a, "chardev=qmp,mode=control");
	add(a, "-device");
	add(a, "virtio-serial-pci,max_ports=4");
	fd = pair(a, &vm->agent);
	add(a, "-chardev");
	add(a, "socket,id=agent,fd=%d", fd);
	add(a, "-device");
	add(a, "virtserialport,chardev=agent,name=" LAB_PORT_AGENT);
	fd = pair(a, &vm->guest_control);
	add(a, "-chardev");
	add(a, "socket,id=control,fd=%d", fd);
	add(a, "-device");
	add(a, "virtserialport,chardev=control,name=" LAB_PORT_CONTROL);

	add_share(a, "usr", usr, true);
	add_share(a, "project", project, true);
	if (options->share[0]) {
		fd = lend_share(vm, options, a);
		if (fd < 0)
			goto out;
		add_share(a, "share", fd, false);
	}
	if (options->disk[0]) {
		fd = open_disk(options, a);
		if (fd < 0)
			goto out;
		add(a, "-add-fd");
		add(a, "fd=%d,set=1", fd);
		/* QEMU looks at an image before it opens it for writing. */
		fd = open_kept(a, options->disk, O_RDONLY);
		if (fd < 0)
			goto out;
		add(a, "-add-fd");
		add(a, "fd=%d,set=1", fd);
		add(a, "-drive");
		add(a, "file=/dev/fdset/1,format=raw,if=none,id=disk,cache=writeback");
		add(a, "-device");
		add(a, "virtio-blk-pci,drive=disk");
	}
	if (options->network) {
		add(a, "-netdev");
		add(a, "user,id=net");
		add(a, "-device");
		add(a, "virtio-net-pci,netdev=net,romfile=");
	}
	for (unsigned int i = 0; i < options->cards; i++) {
		fd = pair(a, &card_socket[i]);
		add(a, "-chardev");
		add(a, "socket,id=card%u,fd=%d", i, fd);
		add(a, "-device");
		add(a, "pcie-root-port,id=port%u,slot=%u,chassis=%u", i, i + 1, i + 1);
		add(a, "-device");
		add(a, "ivshmem-doorbell,id=card%u,bus=port%u,chardev=card%u,vectors=%d", i, i, i,
		    LAB_IVSHMEM_VECTORS);
	}
	if (options->plant_range > 0)
		bath = lab_bath_draw(&lab_bath_nominal, options->plant_range, options->seed);
	result = 0;
	for (unsigned int i = 0; i < options->cards && !result; i++) {
		result = start_card(vm, options, i, card_socket[i], &bath);
		close(card_socket[i]);
	}
	if (!result)
		result = spawn(vm, options, a, project);
out:
	/* QEMU has its own copies; what stays with us would hide its end. */
	for (unsigned int i = 0; i < a->kept; i++)
		if (a->keep[i] != vm->memory)
			close(a->keep[i]);
	for (unsigned int i = 0; i < a->count; i++)
		free(a->list[i]);
	free(a);
	return result;
}

static void end(pid_t *pid, int signal, int patience_ms)
{
	if (*pid <= 0)
		return;
	kill(*pid, signal);
	for (int i = 0; i < patience_ms / 5; i++) {
		if (waitpid(*pid, NULL, WNOHANG) == *pid) {
			*pid = 0;
			return;
		}
		usleep(5000);
	}
	kill(*pid, SIGKILL);
	waitpid(*pid, NULL, 0);
	*pid = 0;
}

void lab_vm_stop(struct lab_vm *vm, const struct lab_options *options)
{
	int fd;

	end(&vm->qemu, SIGTERM, 2000);
	for (unsigned int i = 0; i < vm->cards; i++) {
		if (vm->card_control[i] >= 0)
			close(vm->card_control[i]);
		vm->card_control[i] = -1;
		end(&vm->card[i], SIGTERM, 2000);
	}
	if (vm->share_lent) {
		fd = open(options->share, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0) {
			if (fchown(fd, geteuid(), getegid()))
				lab_say("%s: %s", options->share, strerror(errno));
			take_back(fd, vm->uid, geteuid(), getegid());
		}
		vm->share_lent = false;
	}
}
