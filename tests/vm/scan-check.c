// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * scan-check DEVICE RATE SECONDS [test]: read the long buffer of a card bare, without libsense, and
 * check every scan against the card interface: sequence numbers, time, flags, and with "test" each
 * value of the test pattern. Prints one line of JSON with what was seen and where gaps are, in the
 * manner of "sense-lab account", so that a script can hold one against the other.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sense-card.h"

#define ELEMENTS	96
#define GAPS		4096

struct element {
	char name[64];
	unsigned int index, bytes, bits, offset;
	bool is_signed;
};

static char sysfs[256];
static struct element elements[ELEMENTS];
static unsigned int count;

static void die(const char *what)
{
	fprintf(stderr, "scan-check: %s: %s\n", what, strerror(errno));
	exit(4);
}

static void put(const char *name, const char *text)
{
	char path[600];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", sysfs, name);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		die(path);
	close(fd);
}

static bool get(const char *name, char *text, size_t size)
{
	char path[600];
	FILE *in;
	bool ok;

	snprintf(path, sizeof(path), "%s/%s", sysfs, name);
	in = fopen(path, "r");
	ok = in && fgets(text, (int)size, in);
	if (in)
		fclose(in);
	text[strcspn(text, "\n")] = 0;
	return ok;
}

static int by_index(const void *a, const void *b)
{
	return (int)((const struct element *)a)->index - (int)((const struct element *)b)->index;
}

/* Enable every element; returns the bytes of a scan. */
static unsigned int enable_all(void)
{
	char path[600], text[64];
	struct dirent *entry;
	unsigned int offset = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/buffer0", sysfs);
	dir = opendir(path);
	if (!dir)
		die(path);
	while ((entry = readdir(dir)) && count < ELEMENTS) {
		struct element *e = &elements[count];
		size_t length = strlen(entry->d_name);
		char sign = 0;
		unsigned int storage = 0;

		if (length < 4 || length > sizeof(e->name) ||
		    strcmp(entry->d_name + length - 3, "_en"))
			continue;
		snprintf(e->name, sizeof(e->name), "%.*s", (int)length - 3, entry->d_name);
		snprintf(path, sizeof(path), "buffer0/%s_en", e->name);
		put(path, "1");
		snprintf(path, sizeof(path), "buffer0/%s_type", e->name);
		if (!get(path, text, sizeof(text)) ||
		    sscanf(text, "%*2s:%c%u/%u", &sign, &e->bits, &storage) != 3)
			die(path);
		e->is_signed = sign == 's';
		e->bytes = storage / 8;
		snprintf(path, sizeof(path), "buffer0/%s_index", e->name);
		if (!get(path, text, sizeof(text)))
			die(path);
		e->index = (unsigned int)atoi(text);
		count++;
	}
	closedir(dir);
	qsort(elements, count, sizeof(elements[0]), by_index);
	for (unsigned int i = 0; i < count; i++) {
		struct element *e = &elements[i];

		offset = (offset + e->bytes - 1) / e->bytes * e->bytes;
		e->offset = offset;
		offset += e->bytes;
	}
	return (offset + 7) & ~7U;
}

/* The element whose label is so. */
static const struct element *labelled(const char *label)
{
	for (unsigned int i = 0; i < count; i++) {
		char name[100], text[64];

		snprintf(name, sizeof(name), "%s_label", elements[i].name);
		if (get(name, text, sizeof(text)) && !strcmp(text, label))
			return &elements[i];
	}
	fprintf(stderr, "scan-check: no element is labelled %s\n", label);
	exit(1);
}

static uint64_t word(const char *scan, const struct element *e)
{
	uint64_t value;

	memcpy(&value, scan + e->offset, sizeof(value));
	return value;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
	const struct element *sequence, *counter, *flags;
	uint64_t scans = 0, next = 0, wrong = 0, marked = 0, gap_count = 0, missing = 0, last_time = 0;
	static uint64_t gaps[GAPS][2];
	char node[64], text[64], *data;
	unsigned int size, channels = 0;
	double end;
	bool pattern;
	int fd;

	if (argc < 4) {
		fprintf(stderr, "usage: scan-check DEVICE RATE SECONDS [test]\n");
		return 2;
	}
	pattern = argc > 4 && !strcmp(argv[4], "test");
	snprintf(sysfs, sizeof(sysfs), "/sys/bus/iio/devices/%s", argv[1]);
	size = enable_all();
	sequence = labelled("sequence");
	counter = labelled("counter");
	flags = labelled("scan_flags");
	while (channels < count && elements[channels].bytes == 4)
		channels++;
	{
		char path[128];

		snprintf(path, sizeof(path), "/sys/kernel/debug/iio/%s/test_data", argv[1]);
		fd = open(path, O_WRONLY);
		if (fd < 0 || write(fd, pattern ? "1" : "0", 1) != 1)
			die(path);
		close(fd);
	}
	put("sampling_frequency", argv[2]);
	put("buffer0/length", "32768");
	put("buffer0/watermark", atof(argv[2]) >= 10000 ? "1024" : "1");
	data = malloc(size * 4096U);
	snprintf(node, sizeof(node), "/dev/%s", argv[1]);
	fd = open(node, O_RDONLY | O_NONBLOCK);
	if (fd < 0 || !data)
		die(node);
	put("buffer0/enable", "1");
	end = seconds() + atof(argv[3]);
	for (bool last = false;;) {
		struct pollfd p = { fd, POLLIN, 0 };
		ssize_t n;

		if (!last && seconds() >= end) {
			/* What is in the buffer still counts: stop, then read it empty. */
			last = true;
			put("buffer0/enable", "0");
		}
		if (!last)
			poll(&p, 1, 100);
		n = read(fd, data, size * 4096U);
		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (last)
				break;
			continue;
		}
		if (n <= 0) {
			if (last)
				break;
			if (n < 0)
				die("read");
			continue;
		}
		for (char *at = data; at < data + n; at += size) {
			uint64_t number = word(at, sequence), bits = word(at, flags);
			uint64_t time = word(at, counter);

			if (number > next) {
				missing += number - next;
				if (gap_count < GAPS) {
					gaps[gap_count][0] = next;
					gaps[gap_count][1] = number - next;
				}
				gap_count++;
			}
			if (number < next || time <= last_time ||
			    !(bits & SENSE_CARD_SCAN_SIMULATED) ||
			    pattern != !!(bits & SENSE_CARD_SCAN_TEST_DATA))
				wrong++;
			marked += !!(bits & SENSE_CARD_SCAN_OVERRUN);
			for (unsigned int i = 0; pattern && i < channels; i++) {
				uint32_t value, mask = elements[i].bits < 32 ?
						       (1U << elements[i].bits) - 1 : UINT32_MAX;

				memcpy(&value, at + elements[i].offset, 4);
				if ((value ^ sense_card_test_value(number, i)) & mask)
					wrong++;
			}
			next = number + 1;
			last_time = time;
			scans++;
		}
	}
	close(fd);
	printf("{\"scans\":%" PRIu64 ",\"next\":%" PRIu64 ",\"missing\":%" PRIu64 ",\"wrong\":%" PRIu64
	       ",\"marked\":%" PRIu64 ",\"lost\":%s,\"gaps\":[", scans, next, missing, wrong, marked,
	       get("buffer0/lost", text, sizeof(text)) ? text : "null");
	for (uint64_t i = 0; i < gap_count && i < GAPS; i++)
		printf("%s[%" PRIu64 ",%" PRIu64 "]", i ? "," : "", gaps[i][0], gaps[i][1]);
	puts("]}");
	return wrong || gap_count > GAPS;
}
