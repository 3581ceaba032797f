// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * run.c - a lab from boot to power-off: carries the command's input and output, passes signals on,
 * serves fault requests, keeps and judges the kernel's log.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"
#include "lab.h"

#define TAI_UTC		37	/* s since 2017-01-01, IERS Bulletin C 52 */
#define CLIENTS		8
#define TROUBLES	200	/* lines of a kernel report shown */
#define LEAVE_MS	5000	/* for a command whose output nobody reads */
#define END_MS		20000	/* from power-off asked to QEMU gone */

struct client {
	int fd;
	char line[1024];
	size_t have;
};

struct lab {
	const struct lab_options *options;
	struct lab_vm vm;
	int signals, listener;
	char control_path[400];
	struct client clients[CLIENTS], guest;
	FILE *kernel_log, *serial_log;
	char serial_line[4096];
	size_t serial_have;
	char **trouble;
	unsigned int trouble_count;
	unsigned int trouble_follow;	/* lines of a report still to keep */
	char *frame;			/* bytes from the agent */
	size_t frame_have;
	bool hello, done, started, exited, input_open, qemu_gone, output_gone, card_failed;
	bool terminal, raw;
	struct termios saved;
	int status;			/* the command's */
	unsigned int interrupts;
	uint64_t begun, deadline, leave_at;	/* ms */
};

static struct lab *raw_lab;		/* whose terminal to restore at exit */

void lab_say(const char *format, ...)
{
	va_list args;

	fputs("sense-lab: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs(raw_lab ? "\r\n" : "\n", stderr);
}

static uint64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void restore_terminal(void)
{
	if (raw_lab)
		tcsetattr(0, TCSADRAIN, &raw_lab->saved);
	raw_lab = NULL;
}

static void make_raw(struct lab *lab)
{
	struct termios now;

	if (!lab->terminal || !isatty(0) || tcgetattr(0, &lab->saved))
		return;
	now = lab->saved;
	cfmakeraw(&now);
	raw_lab = lab;
	atexit(restore_terminal);
	tcsetattr(0, TCSADRAIN, &now);
	lab->raw = true;
}

static int write_all(int fd, const void *data, size_t length)
{
	const char *at = data;

	while (length) {
		ssize_t n = write(fd, at, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = { fd, POLLOUT, 0 };

			poll(&p, 1, 1000);
			continue;
		}
		if (n < 0)
			return -errno;
		at += n;
		length -= (size_t)n;
	}
	return 0;
}

static void tell(struct lab *lab, uint32_t type, const void *data, size_t length)
{
	struct lab_frame frame = { type, (uint32_t)length };

	if (lab->qemu_gone)
		return;
	if (write_all(lab->vm.agent, &frame, sizeof(frame)) ||
	    (length && write_all(lab->vm.agent, data, length)))
		lab_say("the guest does not take what it is told: %s", strerror(errno));
}

/* ---- the kernel's log ------------------------------------------------------------------- */

static void keep_trouble(struct lab *lab, const char *line)
{
	if (lab_kernel_trouble(line))
		lab->trouble_follow = 30;
	else if (lab->trouble_follow)
		lab->trouble_follow--;
	if (lab->trouble_follow && lab->trouble_count < TROUBLES) {
		if (!lab->trouble)
			lab->trouble = calloc(TROUBLES, sizeof(char *));
		if (lab->trouble)
			lab->trouble[lab->trouble_count++] = strdup(line);
	}
}

static void kernel_line(struct lab *lab, char *text, size_t length)
{
	fwrite(text, 1, length, lab->kernel_log);
	fflush(lab->kernel_log);
	if (length && text[length - 1] == '\n')
		length--;
	text[length] = 0;
	keep_trouble(lab, text);
}

/* The serial console is kept too: a kernel that dies says its last there alone. */
static void serial(struct lab *lab)
{
	char buffer[4096];
	ssize_t n = recv(lab->vm.serial, buffer, sizeof(buffer), MSG_DONTWAIT);

	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			close(lab->vm.serial);
			lab->vm.serial = -1;
		}
		return;
	}
	fwrite(buffer, 1, (size_t)n, lab->serial_log);
	fflush(lab->serial_log);
}

/* Without an orderly end the agent has not passed everything on: read what the console got. */
static void scan_serial(struct lab *lab)
{
	char path[2300], line[4096];
	FILE *in;

	snprintf(path, sizeof(path), "%s/serial.log", lab->options->logs);
	in = fopen(path, "re");
	while (in && fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\r\n")] = 0;
		keep_trouble(lab, line);
	}
	if (in)
		fclose(in);
}

static void show_serial(const struct lab *lab, int lines)
{
	char path[2300], line[4096], *ring[20] = { 0 };
	int at = 0;
	FILE *in;

	snprintf(path, sizeof(path), "%s/serial.log", lab->options->logs);
	in = fopen(path, "re");
	while (in && fgets(line, sizeof(line), in)) {
		free(ring[at % lines]);
		ring[at++ % lines] = strdup(line);
	}
	for (int i = 0; i < lines; i++) {
		char *text = ring[(at + i) % lines];

		if (text)
			fprintf(stderr, "  | %s", text);
		free(text);
	}
	if (in)
		fclose(in);
}

/* ---- the command ------------------------------------------------------------------------ */

static size_t put_string(char *buffer, size_t at, size_t size, const char *text)
{
	size_t length = strlen(text) + 1;

	if (at + length <= size)
		memcpy(buffer + at, text, length);
	return at + length;
}

static void window_size(struct lab_size *size)
{
	struct winsize now = { .ws_row = 24, .ws_col = 80 };

	if (ioctl(1, TIOCGWINSZ, &now) && ioctl(0, TIOCGWINSZ, &now))
		now.ws_row = 24;
	size->rows = now.ws_row;
	size->columns = now.ws_col;
}

static void start_command(struct lab *lab)
{
	static const char * const passed[] = { "TERM", "LANG", "LC_ALL", "LC_NUMERIC", "LC_TIME",
					       "COLORTERM", "NO_COLOR", "TZ", "DURATION" };
	const struct lab_options *options = lab->options;
	static char frame[LAB_FRAME_MAX];
	struct lab_run *run = (struct lab_run *)frame;
	char text[4096], directory[2048];
	size_t at = sizeof(*run);
	extern char **environ;

	memset(run, 0, sizeof(*run));
	run->terminal = lab->terminal;
	window_size(&run->size);
	if (!getcwd(directory, sizeof(directory)) ||
	    strncmp(directory, options->root, strlen(options->root)))
		snprintf(directory, sizeof(directory), "%s", options->root);
	at = put_string(frame, at, sizeof(frame), directory);
	for (unsigned int i = 0; i < options->command_count; i++)
		at = put_string(frame, at, sizeof(frame), options->command[i]);
	run->arguments = options->command_count;

#define ENVIRONMENT(...) do {						\
		snprintf(text, sizeof(text), __VA_ARGS__);		\
		at = put_string(frame, at, sizeof(frame), text);	\
		run->environment++;					\
	} while (0)
	ENVIRONMENT("PATH=%s/build/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		    options->root);
	ENVIRONMENT("HOME=/root");
	ENVIRONMENT("USER=root");
	ENVIRONMENT("LOGNAME=root");
	ENVIRONMENT("SHELL=/bin/bash");
	ENVIRONMENT("PS1=lab-%s:\\w# ", options->kernel);
	ENVIRONMENT("SENSE_LAB=%s", options->kernel);
	if (options->time_compression != 1)
		ENVIRONMENT("SENSE_LAB_TIME_COMPRESSION=%g", options->time_compression);
	/* OpenSSL's vector code is slower than its plain code when each instruction is emulated. */
	if (strcmp(options->accel, "kvm"))
		ENVIRONMENT("OPENSSL_ia32cap=0:0");
	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
		if (getenv(passed[i]))
			ENVIRONMENT("%s=%s", passed[i], getenv(passed[i]));
	for (char **e = environ; *e; e++)
		if (!strncmp(*e, "SENSE_", 6) && strncmp(*e, "SENSE_LAB", 9))
			ENVIRONMENT("%s", *e);
	for (unsigned int i = 0; i < options->env_count; i++)
		ENVIRONMENT("%s", options->env[i]);
#undef ENVIRONMENT
	if (at > sizeof(frame)) {
		lab_say("the command with its environment is longer than %d bytes", LAB_FRAME_MAX);
		lab->status = LAB_USAGE;
		lab->exited = true;
		tell(lab, LAB_POWEROFF, NULL, 0);
		return;
	}
	tell(lab, LAB_RUN, frame, at);
	lab->started = true;
	lab->input_open = true;
	make_raw(lab);
}

static void give_clock(struct lab *lab)
{
	struct lab_clock clock = { .tai_offset = TAI_UTC };
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	clock.realtime_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	tell(lab, LAB_CLOCK, &clock, sizeof(clock));
}

static void power_off(struct lab *lab)
{
	tell(lab, LAB_POWEROFF, NULL, 0);
	lab->deadline = milliseconds() + END_MS;
}

static void pass_out(struct lab *lab, int fd, const char *data, size_t length)
{
	if (lab->output_gone || !write_all(fd, data, length))
		return;
	/* The reader has gone ("| head"): what a command would get then is SIGPIPE. */
	lab->output_gone = true;
	int32_t signal = SIGPIPE;
	tell(lab, LAB_SIGNAL, &signal, sizeof(signal));
	/* One that goes on regardless is left to the machine's end. */
	lab->leave_at = milliseconds() + LEAVE_MS;
}

static void from_agent(struct lab *lab, uint32_t type, char *data, size_t length)
{
	switch (type) {
	case LAB_HELLO:
		if (length < 5 || *(uint32_t *)data != LAB_CHANNEL_VERSION) {
			lab_say("the guest's agent is of another version; run 'make lab'");
			lab->status = LAB_ENVIRONMENT;
			power_off(lab);
			break;
		}
		lab->hello = true;
		lab->deadline = 0;
		give_clock(lab);
		if (lab->options->verbose)
			lab_say("kernel %s, booted in %.1f s", data + 4,
				(double)(milliseconds() - lab->begun) / 1000);
		start_command(lab);
		break;
	case LAB_OUT:
		pass_out(lab, 1, data, length);
		break;
	case LAB_ERR:
		pass_out(lab, 2, data, length);
		break;
	case LAB_EXIT:
		if (length == sizeof(int32_t))
			lab->status = *(int32_t *)data;
		lab->exited = true;
		restore_terminal();
		power_off(lab);
		break;
	case LAB_KLOG:
		kernel_line(lab, data, length);
		break;
	case LAB_DONE:
		lab->done = true;
		break;
	}
}

static void agent(struct lab *lab)
{
	const size_t room = sizeof(struct lab_frame) + LAB_FRAME_MAX;
	struct lab_frame frame;
	ssize_t n = recv(lab->vm.agent, lab->frame + lab->frame_have, room - lab->frame_have,
			 MSG_DONTWAIT);
	size_t at = 0;

	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			close(lab->vm.agent);
			lab->vm.agent = -1;
		}
		return;
	}
	lab->frame_have += (size_t)n;
	while (lab->frame_have - at >= sizeof(frame)) {
		memcpy(&frame, lab->frame + at, sizeof(frame));
		if (frame.length > LAB_FRAME_MAX) {
			lab_say("the guest sends no sense");
			kill(lab->vm.qemu, SIGKILL);
			return;
		}
		if (lab->frame_have - at < sizeof(frame) + frame.length)
			break;
		/* Handed on from an aligned copy, with a zero behind it. */
		static char data[LAB_FRAME_MAX + 1] __attribute__((aligned(8)));

		memcpy(data, lab->frame + at + sizeof(frame), frame.length);
		data[frame.length] = 0;
		from_agent(lab, frame.type, data, frame.length);
		at += sizeof(frame) + frame.length;
	}
	memmove(lab->frame, lab->frame + at, lab->frame_have - at);
	lab->frame_have -= at;
}

static void input(struct lab *lab)
{
	char buffer[4096];
	ssize_t n = read(0, buffer, sizeof(buffer));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0)
		lab->input_open = false;
	tell(lab, LAB_IN, buffer, n > 0 ? (size_t)n : 0);
}

static void interrupted(struct lab *lab, int32_t signal)
{
	lab->interrupts++;
	if (!lab->started || lab->exited || lab->interrupts > 2) {
		lab->status = 128 + signal;
		lab->exited = true;
		if (lab->hello && lab->interrupts < 3)
			power_off(lab);
		else
			kill(lab->vm.qemu, SIGKILL);
		return;
	}
	if (lab->interrupts == 2)
		signal = SIGTERM;
	tell(lab, LAB_SIGNAL, &signal, sizeof(signal));
}

static void take_signal(struct lab *lab)
{
	struct signalfd_siginfo info;

	while (read(lab->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGWINCH) {
			struct lab_size size;

			window_size(&size);
			if (lab->started)
				tell(lab, LAB_RESIZE, &size, sizeof(size));
		} else if (info.ssi_signo == SIGCHLD) {
			int status;

			if (lab->vm.qemu > 0 && waitpid(lab->vm.qemu, &status, WNOHANG) > 0) {
				lab->vm.qemu = 0;
				lab->qemu_gone = true;
			}
			for (unsigned int i = 0; i < lab->vm.cards; i++) {
				if (lab->vm.card[i] <= 0 ||
				    waitpid(lab->vm.card[i], &status, WNOHANG) <= 0)
					continue;
				/* It has said why. A lab without its card proves nothing. */
				lab->vm.card[i] = 0;
				lab->status = WIFEXITED(status) && WEXITSTATUS(status) ?
					      WEXITSTATUS(status) : LAB_ENVIRONMENT;
				if (WIFSIGNALED(status))
					lab_say("card %u died of signal %d", i, WTERMSIG(status));
				lab->exited = lab->card_failed = true;
				if (lab->vm.qemu > 0)
					kill(lab->vm.qemu, SIGKILL);
			}
		} else {
			interrupted(lab, (int32_t)info.ssi_signo);
		}
	}
}

/* ---- requests: "fault [CARD:]TEXT", "account [CARD]", "kill" ------------------------------ */

/* A line to a card's process, and its answer, which a card gives within milliseconds. */
static char *ask_card(struct lab *lab, unsigned int card, const char *line)
{
	char *answer = NULL;
	size_t have = 0, room = 0;
	int fd;

	if (card >= lab->vm.cards)
		return strdup("error this lab has no such card\n");
	fd = lab->vm.card_control[card];
	write_all(fd, line, strlen(line));
	write_all(fd, "\n", 1);
	for (;;) {
		struct pollfd p = { fd, POLLIN, 0 };
		ssize_t n;

		if (have + 65536 > room) {
			char *larger = realloc(answer, room + 262144);

			if (!larger)
				break;
			answer = larger;
			room += 262144;
		}
		if (poll(&p, 1, 5000) <= 0)
			break;
		n = recv(fd, answer + have, 65535, MSG_DONTWAIT);
		if (n <= 0)
			break;
		have += (size_t)n;
		answer[have] = 0;
		if (answer[have - 1] == '\n')
			return answer;
	}
	free(answer);
	return strdup("error the card's process does not answer\n");
}

static char *request(struct lab *lab, char *line)
{
	unsigned int card = 0;
	char *text = line;

	if (!strncmp(line, "fault ", 6)) {
		char order[1100];

		text += 6;
		if (text[0] >= '0' && text[0] <= '9' && text[1] == ':') {
			card = (unsigned int)(text[0] - '0');
			text += 2;
		}
		if (!strcmp(text, "unplug") || !strcmp(text, "replug")) {
			uint32_t which = card;

			if (!lab->hello)
				return strdup("error the guest has not booted yet\n");
			tell(lab, text[0] == 'u' ? LAB_UNPLUG : LAB_REPLUG, &which, sizeof(which));
			return strdup("ok\n");
		}
		if (!strcmp(text, "kill")) {
			kill(lab->vm.qemu, SIGKILL);
			return strdup("ok\n");
		}
		snprintf(order, sizeof(order), "fault %s", text);
		return ask_card(lab, card, order);
	}
	if (!strncmp(line, "account", 7)) {
		card = (unsigned int)strtoul(line + 7, NULL, 10);
		return ask_card(lab, card, "account");
	}
	return strdup("error the lab understands no such request\n");
}

/* False when the other side has gone. */
static bool client(struct lab *lab, struct client *client)
{
	ssize_t n = recv(client->fd, client->line + client->have,
			 sizeof(client->line) - 1 - client->have, MSG_DONTWAIT);
	char *end, *answer;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	client->have += (size_t)n;
	client->line[client->have] = 0;
	while ((end = strchr(client->line, '\n'))) {
		*end = 0;
		answer = request(lab, client->line);
		if (answer)
			write_all(client->fd, answer, strlen(answer));
		free(answer);
		client->have -= (size_t)(end + 1 - client->line);
		memmove(client->line, end + 1, client->have + 1);
	}
	return client->have < sizeof(client->line) - 1;
}

static void accept_client(struct lab *lab)
{
	int fd = accept4(lab->listener, NULL, NULL, SOCK_CLOEXEC);

	for (int i = 0; fd >= 0 && i < CLIENTS; i++)
		if (lab->clients[i].fd < 0) {
			lab->clients[i].fd = fd;
			lab->clients[i].have = 0;
			return;
		}
	if (fd >= 0)
		close(fd);
}

/* ---- from boot to power-off ---------------------------------------------------------------- */

static void serve(struct lab *lab)
{
	while (!lab->qemu_gone || lab->vm.agent >= 0 || lab->vm.serial >= 0) {
		struct pollfd p[6 + CLIENTS] = {
			{ lab->vm.agent, POLLIN, 0 },
			{ lab->vm.serial, POLLIN, 0 },
			{ lab->signals, POLLIN, 0 },
			{ lab->started && !lab->exited && lab->input_open ? 0 : -1, POLLIN, 0 },
			{ lab->listener, POLLIN, 0 },
			{ lab->guest.fd, POLLIN, 0 },
		};
		int n;

		for (int i = 0; i < CLIENTS; i++)
			p[6 + i] = (struct pollfd){ lab->clients[i].fd, POLLIN, 0 };
		n = poll(p, 6 + CLIENTS, lab->qemu_gone ? 0 : 200);
		if (n == 0 && lab->qemu_gone)
			break;
		if (p[0].revents)
			agent(lab);
		if (p[1].revents)
			serial(lab);
		if (p[2].revents)
			take_signal(lab);
		if (p[3].revents)
			input(lab);
		if (p[4].revents)
			accept_client(lab);
		if (p[5].revents && !client(lab, &lab->guest)) {
			close(lab->guest.fd);
			lab->guest.fd = -1;
		}
		for (int i = 0; i < CLIENTS; i++)
			if (p[6 + i].revents && lab->clients[i].fd >= 0 &&
			    !client(lab, &lab->clients[i])) {
				close(lab->clients[i].fd);
				lab->clients[i].fd = -1;
			}
		if (lab->leave_at && milliseconds() > lab->leave_at && !lab->exited) {
			lab->status = 128 + SIGPIPE;
			lab->exited = true;
			power_off(lab);
		}
		if (lab->deadline && milliseconds() > lab->deadline && !lab->qemu_gone) {
			if (!lab->hello) {
				lab_say("the guest has not booted within %u s; its console said:",
					lab->options->boot_timeout);
				show_serial(lab, 15);
				lab->status = LAB_ENVIRONMENT;
				lab->exited = true;
			} else {
				lab_say("the guest does not power off; it is ended");
			}
			lab->deadline = 0;
			kill(lab->vm.qemu, SIGKILL);
		}
	}
}

static FILE *open_log(const struct lab_options *options, const char *name)
{
	char path[2300];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", options->logs, name);
	file = fopen(path, "we");
	if (!file)
		lab_say("%s cannot be written: %s", path, strerror(errno));
	return file;
}

static int judge(struct lab *lab)
{
	if (lab->card_failed)
		return lab->status;
	if (!lab->done)
		scan_serial(lab);
	if (lab->trouble_count) {
		lab_say("the guest's kernel reported trouble (%s/kernel.log):", lab->options->logs);
		for (unsigned int i = 0; i < lab->trouble_count; i++)
			fprintf(stderr, "  | %s\n", lab->trouble[i]);
		return LAB_ENVIRONMENT;
	}
	if (!lab->exited) {
		lab_say("the virtual machine ended before the command did; its console said last:");
		show_serial(lab, 8);
		return LAB_ENVIRONMENT;
	}
	return lab->status;
}

int lab_run(const struct lab_options *options)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	sigset_t signals;
	int result;

	if (!lab)
		return LAB_ENVIRONMENT;
	lab->options = options;
	lab->begun = milliseconds();
	lab->deadline = lab->begun + options->boot_timeout * 1000ULL;
	lab->terminal = isatty(1) && (options->shell || isatty(2));
	lab->frame = malloc(sizeof(struct lab_frame) + LAB_FRAME_MAX);
	for (int i = 0; i < CLIENTS; i++)
		lab->clients[i].fd = -1;
	lab->kernel_log = open_log(options, "kernel.log");
	lab->serial_log = open_log(options, "serial.log");
	if (!lab->frame || !lab->kernel_log || !lab->serial_log)
		return LAB_ENVIRONMENT;
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGWINCH);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	lab->signals = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	lab->listener = lab_control_listen(options->name, lab->control_path,
					   sizeof(lab->control_path));
	if (lab->listener == -EADDRINUSE) {
		lab_say("a lab named %s is running already; choose another --name", options->name);
		return LAB_ENVIRONMENT;
	}
	if (options->time_compression != 1)
		lab_say("simulated: the physics runs %g times faster than the clock",
			options->time_compression);

	result = lab_vm_start(&lab->vm, options);
	if (!result) {
		lab->guest.fd = lab->vm.guest_control;
		serve(lab);
		restore_terminal();
	}
	lab_vm_stop(&lab->vm, options);
	if (!result)
		result = judge(lab);
	fclose(lab->kernel_log);
	fclose(lab->serial_log);
	if (lab->listener >= 0) {
		close(lab->listener);
		unlink(lab->control_path);
	}
	for (unsigned int i = 0; i < lab->trouble_count; i++)
		free(lab->trouble[i]);
	free(lab->trouble);
	free(lab->frame);
	free(lab);
	return result;
}
