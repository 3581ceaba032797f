// SPDX-License-Identifier: GPL-2.0-or-later
#include "card-process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "ivshmem.h"

static uint64_t monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void interrupt(void *context, unsigned int vector)
{
	lab_ivshmem_raise(context, vector);
}

static void answer(int socket, const char *text, size_t length)
{
	while (length) {
		ssize_t n = send(socket, text, length, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		text += n;
		length -= (size_t)n;
	}
}

static void obey(struct lab_card *card, int socket, char *line)
{
	char sentence[256], reply[300];

	if (!strcmp(line, "account")) {
		char *text = NULL;
		size_t size = 0;
		FILE *out = open_memstream(&text, &size);

		if (out) {
			lab_card_account(card, out);
			fclose(out);
		}
		if (text)
			answer(socket, text, size);
		else
			answer(socket, "{}\n", 3);
		free(text);
		return;
	}
	if (strncmp(line, "fault ", 6))
		snprintf(reply, sizeof(reply), "error the card understands no '%.100s'\n", line);
	else if (lab_card_fault(card, line + 6, sentence, sizeof(sentence)))
		snprintf(reply, sizeof(reply), "error %s\n", sentence);
	else
		snprintf(reply, sizeof(reply), "ok\n");
	answer(socket, reply, strlen(reply));
}

/* Lines on the control socket; false when it is closed. */
static bool control(struct lab_card *card, int socket)
{
	static char buffer[4096];
	static size_t have;
	ssize_t n = recv(socket, buffer + have, sizeof(buffer) - 1 - have, MSG_DONTWAIT);
	char *end;

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		return false;
	if (n < 0)
		return true;
	have += (size_t)n;
	buffer[have] = 0;
	while ((end = strchr(buffer, '\n'))) {
		*end = 0;
		obey(card, socket, buffer);
		have -= (size_t)(end + 1 - buffer);
		memmove(buffer, end + 1, have + 1);
	}
	if (have == sizeof(buffer) - 1)
		have = 0;
	return true;
}

static struct timespec span(uint64_t from, uint64_t to)
{
	uint64_t ns = to > from ? to - from : 0;

	if (ns > 1000000000)
		ns = 1000000000;
	return (struct timespec){ (time_t)(ns / 1000000000), (long)(ns % 1000000000) };
}

static void serve(struct lab_card *card, struct lab_ivshmem *ivshmem, int orders, int signals)
{
	struct pollfd p[LAB_IVSHMEM_VECTORS + 2];
	struct pollfd *const order = &p[LAB_IVSHMEM_VECTORS], *const end = order + 1;

	for (int i = 0; i < LAB_IVSHMEM_VECTORS; i++)
		p[i] = (struct pollfd){ ivshmem->bell[i], POLLIN, 0 };
	*order = (struct pollfd){ orders, POLLIN, 0 };
	*end = (struct pollfd){ signals, POLLIN, 0 };
	for (;;) {
		uint64_t next = lab_card_run(card, monotonic());
		struct timespec left = span(monotonic(), next);
		uint64_t now;

		if (ppoll(p, LAB_IVSHMEM_VECTORS + 2, &left, NULL) <= 0)
			continue;
		now = monotonic();	/* first of all: the latch wants this instant */
		for (unsigned int i = 0; i < LAB_IVSHMEM_VECTORS; i++) {
			eventfd_t rings;

			if (!p[i].revents)
				continue;
			/* Emptied first: a ring during the work is heard again. */
			eventfd_read(ivshmem->bell[i], &rings);
			lab_card_bell(card, i, now);
		}
		if (order->revents && !control(card, orders))
			return;
		if (end->revents)
			return;
	}
}

int lab_card_process(const struct lab_card_process *process)
{
	struct lab_ivshmem ivshmem;
	struct lab_card_ports ports = { .memory_size = process->memory_size,
					.interrupt = interrupt, .context = &ivshmem };
	struct lab_card *card;
	char sentence[256];
	sigset_t ending;
	int signals, error;

	prctl(PR_SET_NAME, "sense-lab-card");
	prctl(PR_SET_TIMERSLACK, 1UL);
	signal(SIGINT, SIG_IGN);
	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigprocmask(SIG_SETMASK, &ending, NULL);
	signals = signalfd(-1, &ending, SFD_CLOEXEC);

	error = lab_ivshmem_open(&ivshmem, LAB_CARD_WINDOW);
	if (!error) {
		ports.window = mmap(NULL, LAB_CARD_WINDOW, PROT_READ | PROT_WRITE, MAP_SHARED,
				    ivshmem.memory, 0);
		ports.memory = mmap(NULL, process->memory_size, PROT_READ | PROT_WRITE,
				    MAP_SHARED, process->memory, 0);
		if (ports.window == MAP_FAILED || ports.memory == MAP_FAILED)
			error = -errno;
	}
	card = error ? NULL : lab_card_new(&process->card, &ports, monotonic());
	if (!card) {
		fprintf(stderr, "sense-lab: the card's process cannot start: %s\n",
			strerror(error ? -error : ENOMEM));
		return 4;
	}
	for (unsigned int i = 0; i < process->fault_count; i++)
		if (lab_card_fault(card, process->faults[i], sentence, sizeof(sentence))) {
			fprintf(stderr, "sense-lab: %s\n", sentence);
			return 2;
		}
	error = lab_ivshmem_greet(&ivshmem, process->qemu);
	if (error) {
		fprintf(stderr, "sense-lab: the handshake with QEMU failed: %s\n", strerror(-error));
		return 4;
	}
	serve(card, &ivshmem, process->control, signals);
	if (process->log >= 0) {
		FILE *out = fdopen(process->log, "w");

		if (out) {
			lab_card_account(card, out);
			fclose(out);
		}
	}
	lab_card_free(card);
	lab_ivshmem_close(&ivshmem);
	return 0;
}
