// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * agent.c - process 1 of the lab guest: runs the command, carries its input and output over a
 * virtio serial port, sets the clock, passes the kernel log on, and powers off in order.
 * Static, so that it does not depend on the host's /usr being mounted.
 *
 *	agent		be process 1
 *	agent bind	bind every card to the driver that is loaded, then exit
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"

#define CARDS_MAX	8
#define DRAIN_MS	300	/* output of a command's orphans after its end */

static int port = -1;
static int kmsg = -1;
static pid_t command;
static int terminal = -1;		/* the pseudo terminal's master */
static int from_out = -1, from_err = -1, to_in = -1;
static char *input;			/* what the command has not read yet */
static size_t input_length;
static bool input_ended;

static void __attribute__((format(printf, 1, 2))) note(const char *format, ...)
{
	char line[256];
	va_list args;
	int length, fd;

	va_start(args, format);
	length = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, line, (size_t)length < sizeof(line) ? (size_t)length : sizeof(line) - 1) < 0)
		perror("kmsg");
	close(fd);
}

static int write_all(int fd, const void *data, size_t length)
{
	const char *at = data;

	while (length) {
		ssize_t n = write(fd, at, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		length -= (size_t)n;
	}
	return 0;
}

static void send_frame(uint32_t type, const void *data, size_t length)
{
	static char buffer[sizeof(struct lab_frame) + LAB_FRAME_MAX];
	struct lab_frame frame = { type, (uint32_t)length };

	memcpy(buffer, &frame, sizeof(frame));
	if (length)
		memcpy(buffer + sizeof(frame), data, length);
	write_all(port, buffer, sizeof(frame) + length);
}

static int read_all(int fd, void *data, size_t length)
{
	char *at = data;

	while (length) {
		ssize_t n = read(fd, at, length);

		if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
			struct pollfd p = { fd, POLLIN, 0 };

			poll(&p, 1, -1);
			continue;
		}
		if (n <= 0)
			return n < 0 ? -errno : -EPIPE;
		at += n;
		length -= (size_t)n;
	}
	return 0;
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	error = write_all(fd, text, strlen(text));
	close(fd);
	return error;
}

static bool read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, size - 1);
	close(fd);
	if (n < 0)
		return false;
	text[n] = 0;
	text[strcspn(text, "\n")] = 0;
	return true;
}

static int open_port(const char *name)
{
	char path[320], text[64];
	struct dirent *entry;
	int fd = -1;
	DIR *dir = opendir("/sys/class/virtio-ports");

	while (dir && fd < 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", entry->d_name);
		if (!read_text(path, text, sizeof(text)) || strcmp(text, name))
			continue;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
	}
	if (dir)
		closedir(dir);
	return fd;
}

/* ---- cards ---------------------------------------------------------------------- */

/* The cards present, as PCI addresses in order. */
static int find_cards(char address[CARDS_MAX][32])
{
	struct dirent **list;
	int count = 0;
	int n = scandir("/sys/bus/pci/devices", &list, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		char path[320], vendor[16], device[16];

		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/vendor", list[i]->d_name);
		if (list[i]->d_name[0] != '.' && count < CARDS_MAX &&
		    read_text(path, vendor, sizeof(vendor)) && !strcmp(vendor, "0x1af4")) {
			snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/device",
				 list[i]->d_name);
			if (read_text(path, device, sizeof(device)) && !strcmp(device, "0x1110"))
				snprintf(address[count++], 32, "%.31s", list[i]->d_name);
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return count;
}

/* The loaded driver's name on the PCI bus, whichever way its author spelt it. */
static const char *driver_name(void)
{
	static const char * const names[] = { "sense_pcie", "sense-pcie" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[64];

		snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s", names[i]);
		if (!access(path, F_OK))
			return names[i];
	}
	return NULL;
}

static int bind_cards(void)
{
	char address[CARDS_MAX][32], path[320];
	const char *driver = driver_name();
	int count = find_cards(address);

	if (!driver)
		return -ENOENT;
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", address[i]);
		if (!access(path, F_OK))
			continue;
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override", address[i]);
		write_text(path, driver);
		write_text("/sys/bus/pci/drivers_probe", address[i]);
	}
	return 0;
}

static char plugged[CARDS_MAX][32];	/* as found at boot: the lab's order */
static int plugged_count;

static int unplug(uint32_t card)
{
	char path[320];

	if (card >= (uint32_t)plugged_count)
		return -ENODEV;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/remove", plugged[card]);
	return write_text(path, "1");
}

static int replug(void)
{
	int error = write_text("/sys/bus/pci/rescan", "1");

	return error ? error : bind_cards();
}

/* ---- clock and kernel log ---------------------------------------------------------- */

static void set_clock(const struct lab_clock *clock)
{
	struct timespec now = { clock->realtime_ns / 1000000000, clock->realtime_ns % 1000000000 };
	struct timex tai = { .modes = ADJ_TAI, .constant = clock->tai_offset };

	if (clock_settime(CLOCK_REALTIME, &now))
		note("sense-lab: the clock cannot be set: %s", strerror(errno));
	if (adjtimex(&tai) < 0)
		note("sense-lab: the TAI offset cannot be set: %s", strerror(errno));
}

static void pass_kernel_log(void)
{
	char record[8192], line[8300];

	for (;;) {
		ssize_t n = read(kmsg, record, sizeof(record) - 1);
		unsigned int priority;
		unsigned long long sequence, us;
		char *text;
		int length;

		if (n < 0 && errno == EPIPE)	/* overwritten before we came: go on */
			continue;
		if (n <= 0)
			return;
		record[n] = 0;
		text = strchr(record, ';');
		if (!text || sscanf(record, "%u,%llu,%llu", &priority, &sequence, &us) != 3)
			continue;
		text[1 + strcspn(text + 1, "\n")] = 0;
		length = snprintf(line, sizeof(line), "<%u>[%5llu.%06llu] %s\n", priority & 7,
				  us / 1000000, us % 1000000, text + 1);
		if (length > 0)
			send_frame(LAB_KLOG, line, (size_t)length);
	}
}

/* ---- the command -------------------------------------------------------------------- */

static char *next_string(char **at, char *end)
{
	char *string = *at;
	char *zero = memchr(string, 0, (size_t)(end - string));

	if (!zero)
		return NULL;
	*at = zero + 1;
	return string;
}

static void in_child(const struct lab_run *run, char *at, char *end, const int fd[3])
{
	char **argv = calloc(run->arguments + 1, sizeof(char *));
	char *directory = next_string(&at, end);
	sigset_t none;

	setsid();
	for (int i = 0; i < 3; i++)
		dup2(fd[i], i);
	if (run->terminal)
		ioctl(0, TIOCSCTTY, 0);
	for (int i = 3; i < 256; i++)
		close(i);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	for (uint32_t i = 0; argv && i < run->arguments; i++)
		argv[i] = next_string(&at, end);
	clearenv();
	for (uint32_t i = 0; i < run->environment; i++) {
		char *variable = next_string(&at, end);

		if (variable)
			putenv(variable);
	}
	if (!argv || !argv[0] || !directory)
		_exit(126);
	if (chdir(directory) && chdir("/"))
		_exit(126);
	execvp(argv[0], argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static void start_command(const struct lab_run *run, char *strings, char *end)
{
	int fd[3], pipes[3][2];

	if (run->terminal) {
		struct winsize size = { .ws_row = run->size.rows, .ws_col = run->size.columns };
		int slave;

		terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
		grantpt(terminal);
		unlockpt(terminal);
		ioctl(terminal, TIOCSWINSZ, &size);
		slave = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
		fd[0] = fd[1] = fd[2] = slave;
		from_out = to_in = terminal;
	} else {
		for (int i = 0; i < 3; i++)
			if (pipe2(pipes[i], O_CLOEXEC))
				note("sense-lab: pipe: %s", strerror(errno));
		fd[0] = pipes[0][0];
		fd[1] = pipes[1][1];
		fd[2] = pipes[2][1];
		to_in = pipes[0][1];
		from_out = pipes[1][0];
		from_err = pipes[2][0];
	}
	fcntl(to_in, F_SETFL, fcntl(to_in, F_GETFL) | O_NONBLOCK);
	command = fork();
	if (command == 0)
		in_child(run, strings, end, fd);
	close(fd[0]);
	if (!run->terminal) {
		close(fd[1]);
		close(fd[2]);
	}
}

/* One read of a command's output; false at its end. */
static bool pass_output(int *fd, uint32_t type)
{
	static char buffer[LAB_FRAME_MAX];
	ssize_t n = read(*fd, buffer, sizeof(buffer));

	if (n > 0) {
		send_frame(type, buffer, (size_t)n);
		return true;
	}
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (*fd == to_in)
		to_in = -1;
	close(*fd);
	*fd = -1;
	return false;
}

static void pass_input(void)
{
	while (to_in >= 0 && input_length) {
		ssize_t n = write(to_in, input, input_length);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			input_length = 0;
			return;
		}
		memmove(input, input + n, input_length - (size_t)n);
		input_length -= (size_t)n;
	}
	if (input_ended && !input_length && to_in >= 0 && to_in != terminal) {
		close(to_in);
		to_in = -1;
	}
}

static void add_input(const void *data, size_t length)
{
	char *larger;

	if (!length) {
		static const char end = 4;	/* a terminal's end of input is ^D */

		input_ended = true;
		if (terminal >= 0)
			add_input(&end, 1);
		return;
	}
	larger = realloc(input, input_length + length);
	if (!larger)
		return;
	input = larger;
	memcpy(input + input_length, data, length);
	input_length += length;
}

static void end_command(int status)
{
	int32_t code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);

	for (int left = DRAIN_MS; left > 0 && (from_out >= 0 || from_err >= 0);) {
		struct pollfd p[2] = { { from_out, POLLIN, 0 }, { from_err, POLLIN, 0 } };

		if (poll(p, 2, 20) <= 0) {
			left -= 20;
			continue;
		}
		if (p[0].revents)
			pass_output(&from_out, LAB_OUT);
		if (p[1].revents)
			pass_output(&from_err, LAB_ERR);
	}
	command = 0;
	if (kmsg >= 0)
		pass_kernel_log();
	send_frame(LAB_EXIT, &code, sizeof(code));
}

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == command)
			end_command(status);
}

/* ---- the end ------------------------------------------------------------------------ */

static void __attribute__((noreturn)) power_off(void)
{
	FILE *mounts;
	char line[1024], where[512];

	kill(-1, SIGTERM);
	for (int i = 0; i < 20 && waitpid(-1, NULL, WNOHANG) >= 0; i++)
		usleep(20000);
	kill(-1, SIGKILL);
	sync();
	mounts = fopen("/proc/mounts", "re");
	while (mounts && fgets(line, sizeof(line), mounts))
		if (strstr(line, " ext4 ") && sscanf(line, "%*s %511s", where) == 1 &&
		    umount2(where, 0))
			note("sense-lab: %s cannot be unmounted: %s", where, strerror(errno));
	if (kmsg >= 0)
		pass_kernel_log();
	send_frame(LAB_DONE, NULL, 0);
	reboot(RB_AUTOBOOT);	/* QEMU runs with -no-reboot: this ends it */
	for (;;)
		pause();
}

static void take(uint32_t type, char *data, size_t length)
{
	switch (type) {
	case LAB_CLOCK:
		if (length == sizeof(struct lab_clock))
			set_clock((struct lab_clock *)data);
		break;
	case LAB_RUN:
		if (length > sizeof(struct lab_run) && !command)
			start_command((struct lab_run *)data, data + sizeof(struct lab_run),
				      data + length);
		break;
	case LAB_IN:
		add_input(data, length);
		break;
	case LAB_RESIZE:
		if (length == sizeof(struct lab_size) && terminal >= 0) {
			struct lab_size *size = (struct lab_size *)data;
			struct winsize now = { .ws_row = size->rows, .ws_col = size->columns };

			ioctl(terminal, TIOCSWINSZ, &now);
		}
		break;
	case LAB_SIGNAL:
		if (length == sizeof(int32_t) && command)
			kill(-command, *(int32_t *)data);
		break;
	case LAB_UNPLUG:
	case LAB_REPLUG: {
		uint32_t card = 0;
		int32_t answer;

		/* In a child: removing a device waits for whoever uses it. */
		if (length == sizeof(card))
			memcpy(&card, data, sizeof(card));
		if (fork() == 0) {
			answer = type == LAB_UNPLUG ? unplug(card) : replug();
			if (answer)
				note("sense-lab: %s: %s", type == LAB_UNPLUG ? "unplug" : "replug",
				     strerror(-answer));
			_exit(0);
		}
		break;
	}
	case LAB_POWEROFF:
		power_off();
	}
}

int main(int argc, char **argv)
{
	static char data[LAB_FRAME_MAX] __attribute__((aligned(8)));
	struct { uint32_t version; char release[65]; } hello = { LAB_CHANNEL_VERSION, "" };
	struct utsname system;
	sigset_t children;
	int signals;

	if (argc > 1)
		return strcmp(argv[1], "bind") || bind_cards() ? 1 : 0;

	for (int tries = 0; tries < 100 && port < 0; tries++) {
		port = open_port(LAB_PORT_AGENT);
		if (port < 0)
			usleep(50000);
	}
	if (port < 0) {
		note("sense-lab: the agent's port is missing");
		reboot(RB_AUTOBOOT);
	}
	plugged_count = find_cards(plugged);
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	signal(SIGPIPE, SIG_IGN);
	signals = signalfd(-1, &children, SFD_NONBLOCK | SFD_CLOEXEC);
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	uname(&system);
	memcpy(hello.release, system.release, sizeof(hello.release) - 1);
	send_frame(LAB_HELLO, &hello, sizeof(uint32_t) + strlen(hello.release) + 1);

	for (;;) {
		struct pollfd p[] = {
			{ port, POLLIN, 0 },
			{ signals, POLLIN, 0 },
			{ kmsg, POLLIN, 0 },
			{ from_out, POLLIN, 0 },
			{ from_err, POLLIN, 0 },
			{ input_length ? to_in : -1, POLLOUT, 0 },
		};
		struct lab_frame frame;

		if (poll(p, sizeof(p) / sizeof(p[0]), -1) < 0)
			continue;
		if (p[2].revents)
			pass_kernel_log();
		if (p[3].revents)
			pass_output(&from_out, LAB_OUT);
		if (p[4].revents)
			pass_output(&from_err, LAB_ERR);
		if (p[1].revents) {
			struct signalfd_siginfo info;

			while (read(signals, &info, sizeof(info)) == sizeof(info))
				;
			reap();
		}
		if (p[0].revents) {
			if (read_all(port, &frame, sizeof(frame)) || frame.length > sizeof(data) ||
			    read_all(port, data, frame.length))
				power_off();	/* the launcher has gone */
			take(frame.type, data, frame.length);
		}
		pass_input();
	}
}
