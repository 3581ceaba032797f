// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * scan-reader: read one buffer of a sense-pcie device with plain read(2) and prove that every
 * sequence number is either here or in the driver's lost ranges. It knows nothing of libsense.
 *
 * Options: -d DEVICE  sysfs directory     -b N      buffer (0)
 *          -r HZ      rate, first         -t S      how long (1)
 *          -l SCANS   buffer length       -w SCANS  watermark
 *          -s US      sleep between reads -p        check the test pattern
 *          -m         every second channel only
 *          -c CLOCK   the IIO clock in use: print the age of the last scan when it was read
 *          -o FILE    missing ranges, "first count" per line
 *          -x         stay without stopping the buffer: end with _exit in mid-stream
 *
 * Prints key=value lines. Exit 0 when all is accounted for, 1 when not, 4 when it cannot tell.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "sense-card.h"

#define GET_FD _IOWR('i', 0x91, int)	/* IIO_BUFFER_GET_FD_IOCTL */
#define CHANNELS 64
#define RANGES_MAX 4000000

struct element {
	unsigned int index, bytes, bits, offset;
	bool is_signed;
};

struct range {
	uint64_t first, count;
};

static const char *device = "/sys/bus/iio/devices/iio:device0";
static int buffer;
static struct range *missing;
static size_t missing_count;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "scan-reader: %s: %s\n", what, strerror(errno));
	exit(4);
}

static int attribute(const char *dir, const char *name, char *text, size_t size, const char *value)
{
	char path[512];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s/%s", device, dir, name);
	fd = open(path, value ? O_WRONLY : O_RDONLY);
	if (fd < 0)
		return -errno;
	n = value ? write(fd, value, strlen(value)) : read(fd, text, size - 1);
	if (n < 0)
		n = -errno;
	else if (!value)
		text[n] = 0;
	close(fd);
	return n < 0 ? (int)n : 0;
}

static void set(const char *dir, const char *name, const char *format, double value)
{
	char text[64];
	int ret;

	snprintf(text, sizeof(text), format, value);
	ret = attribute(dir, name, NULL, 0, text);
	if (ret) {
		errno = -ret;
		die(name);
	}
}

static uint64_t number(const char *dir, const char *name)
{
	char text[64];
	int ret = attribute(dir, name, text, sizeof(text), NULL);

	if (ret) {
		errno = -ret;
		die(name);
	}
	return strtoull(text, NULL, 10);
}

/* Enable element NAME of the buffer and learn how it is stored. */
static struct element enable(const char *dir, const char *name, bool on)
{
	struct element e = { .offset = ~0U };
	char file[64], text[64], sign;

	snprintf(file, sizeof(file), "in_%s_en", name);
	if (attribute(dir, file, NULL, 0, on ? "1" : "0"))
		return e;
	snprintf(file, sizeof(file), "in_%s_index", name);
	e.index = number(dir, file);
	snprintf(file, sizeof(file), "in_%s_type", name);
	if (attribute(dir, file, text, sizeof(text), NULL) ||
	    sscanf(text, "le:%c%u/%u", &sign, &e.bits, &e.bytes) != 3) {
		errno = EPROTO;
		die(file);
	}
	e.bytes /= 8;
	e.is_signed = sign == 's';
	e.offset = on ? 0 : ~0U;
	return e;
}

static uint64_t load(const uint8_t *scan, const struct element *e)
{
	uint64_t value = 0;

	memcpy(&value, scan + e->offset, e->bytes);
	return value;
}

static void note_missing(uint64_t first, uint64_t count)
{
	if (missing_count == RANGES_MAX) {
		errno = ENOSPC;
		die("missing ranges");
	}
	missing[missing_count++] = (struct range){ first, count };
}

/* Is [first, first + count) missing in what was read? Ranges are in order. */
static bool is_missing(uint64_t first, uint64_t count)
{
	size_t low = 0, high = missing_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (missing[middle].first + missing[middle].count <= first)
			low = middle + 1;
		else
			high = middle;
	}
	return low < missing_count && missing[low].first <= first &&
	       missing[low].first + missing[low].count >= first + count;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* The clock IIO names so, ns. */
static int64_t clock_ns(const char *name)
{
	static const struct {
		const char *name;
		clockid_t id;
	} clocks[] = {
		{ "realtime", CLOCK_REALTIME }, { "realtime_coarse", CLOCK_REALTIME },
		{ "monotonic", CLOCK_MONOTONIC }, { "monotonic_coarse", CLOCK_MONOTONIC },
		{ "monotonic_raw", CLOCK_MONOTONIC_RAW }, { "boottime", CLOCK_BOOTTIME },
		{ "tai", CLOCK_TAI },
	};
	struct timespec t = { 0 };

	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++)
		if (!strcmp(name, clocks[i].name))
			clock_gettime(clocks[i].id, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

int main(int argc, char **argv)
{
	static const char * const types[] = { "resistance", "voltage", "current", "temp", "pressure",
		"humidityrelative", NULL };
	static const char * const modified[] = { "concentration%d_co2", "concentration%d_voc",
		"massconcentration%d_pm1", "massconcentration%d_pm2p5", "massconcentration%d_pm4",
		"massconcentration%d_pm10", NULL };
	double rate = 0, seconds = 1, length = 0, watermark = 0, end;
	bool pattern = false, half = false, leave = false;
	const char *clock_name = NULL;
	int64_t age_ns = 0;
	struct element channel[CHANNELS], element[5], stamp;
	uint64_t received = 0, expected, first, last, lost, dropped = 0, sum = 0, bad_pattern = 0;
	uint64_t backwards = 0, bad_counter = 0, bad_time = 0, flagged = 0, covered = 0, newest = 0;
	uint64_t ranges = 0, wrong_ranges = 0, counter = 0, fault = 0, saturated = 0;
	int64_t time_ns = INT64_MIN;
	unsigned int channels = 0, sleep_us = 0, bytes = 0, largest = 8;
	const char *out = NULL;
	char dir[16], name[64], text[8192], node[64], *line;
	static uint8_t data[1 << 20];
	bool any = false;
	int fd, option, n;

	while ((option = getopt(argc, argv, "d:b:r:t:l:w:s:o:c:pmx")) != -1) {
		switch (option) {
		case 'd': device = optarg; break;
		case 'b': buffer = atoi(optarg); break;
		case 'r': rate = atof(optarg); break;
		case 't': seconds = atof(optarg); break;
		case 'l': length = atof(optarg); break;
		case 'w': watermark = atof(optarg); break;
		case 's': sleep_us = strtoul(optarg, NULL, 10); break;
		case 'o': out = optarg; break;
		case 'p': pattern = true; break;
		case 'm': half = true; break;
		case 'c': clock_name = optarg; break;
		case 'x': leave = true; break;
		default: return 2;
		}
	}
	missing = malloc(sizeof(*missing) * RANGES_MAX);
	if (!missing)
		die("memory");
	snprintf(dir, sizeof(dir), "buffer%d", buffer);
	set(dir, "enable", "%.0f", 0);
	if (rate)
		set(".", "sampling_frequency", "%.9f", rate);
	if (length)
		set(dir, "length", "%.0f", length);
	if (watermark)
		set(dir, "watermark", "%.0f", watermark);

	for (int i = 0; i < CHANNELS; i++)
		channel[i].offset = ~0U;
	for (int t = 0; types[t]; t++) {
		for (int i = 0; i < CHANNELS; i++) {
			struct element e;

			snprintf(name, sizeof(name), "%s%d", types[t], i);
			e = enable(dir, name, !half || i % 2 == 0);
			if (e.offset != ~0U)
				channel[e.index] = e;
		}
	}
	for (int t = 0; modified[t]; t++) {
		for (int i = 0; i < CHANNELS; i++) {
			struct element e;

			snprintf(name, sizeof(name), modified[t], i);
			e = enable(dir, name, !half || i % 2 == 0);
			if (e.offset != ~0U)
				channel[e.index] = e;
		}
	}
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "count%d", i);
		element[i] = enable(dir, name, true);
		if (element[i].offset == ~0U)
			die(name);
	}
	stamp = enable(dir, "timestamp", true);
	/* IIO's layout: by index, naturally aligned, the whole a multiple of the largest. */
	for (int i = 0; i < CHANNELS; i++) {
		if (channel[i].offset == ~0U)
			continue;
		channel[i].offset = bytes;
		bytes += channel[i].bytes;
		channels++;
	}
	for (int i = 0; i < 5; i++) {
		bytes = (bytes + 7) & ~7U;
		element[i].offset = bytes;
		bytes += 8;
	}
	stamp.offset = bytes;
	bytes += 8;
	bytes = (bytes + largest - 1) / largest * largest;

	snprintf(node, sizeof(node), "/dev/%s", strrchr(device, '/') + 1);
	n = open(node, O_RDWR | O_NONBLOCK);
	if (n < 0)
		die(node);
	fd = buffer;
	if (ioctl(n, GET_FD, &fd) < 0)
		die("buffer fd");
	close(n);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	set(dir, "enable", "%.0f", 1);

	expected = first = number(dir, "first_sequence");
	end = now() + seconds;
	for (bool stopped = false;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t got;

		if (!stopped && now() >= end) {
			if (leave)
				_exit(0);
			set(dir, "enable", "%.0f", 0);
			stopped = true;
		}
		if (!stopped)
			poll(&p, 1, 100);
		got = read(fd, data, sizeof(data) / bytes * bytes);
		if (got < 0 && errno == EAGAIN) {
			if (stopped)
				break;
			continue;
		}
		if (got < 0)
			die("read");
		if (got == 0 && stopped)
			break;
		if (got % bytes) {
			errno = EPROTO;
			die("partial scan");
		}
		for (const uint8_t *scan = data; scan < data + got; scan += bytes) {
			uint64_t sequence = load(scan, &element[0]);
			uint64_t c = load(scan, &element[1]);
			uint64_t flags = load(scan, &element[4]);
			int64_t t = (int64_t)load(scan, &stamp);

			if (sequence < expected) {
				backwards++;
				continue;
			}
			if (sequence > expected)
				note_missing(expected, sequence - expected);
			expected = sequence + 1;
			received++;
			/* A scan whose time is not to be relied on says so. */
			if (!(flags & SENSE_CARD_SCAN_CLOCK_UNLOCKED)) {
				bad_counter += any && c <= counter;
				counter = c;
			}
			if (t < time_ns)
				bad_time++;
			time_ns = t;
			any = true;
			fault |= load(scan, &element[2]);
			saturated |= load(scan, &element[3]);
			flagged += !!(flags & SENSE_CARD_SCAN_OVERRUN);
			if (!pattern)
				continue;
			for (int i = 0; i < CHANNELS; i++) {
				uint64_t mask;

				if (channel[i].offset == ~0U)
					continue;
				mask = (UINT64_C(1) << channel[i].bits) - 1;
				bad_pattern += (load(scan, &channel[i]) & mask) !=
					       (sense_card_test_value(sequence, i) & mask);
			}
		}
		if (clock_name && got)
			age_ns = clock_ns(clock_name) - time_ns;
		if (sleep_us && !stopped)
			usleep(sleep_us);
	}

	last = number(dir, "last_sequence");
	lost = number(dir, "lost");
	if (last + 1 > expected)
		note_missing(expected, last + 1 - expected);
	else if (last + 1 < expected)
		newest = expected - last - 1;
	for (size_t i = 0; i < missing_count; i++)
		sum += missing[i].count;
	if (attribute(dir, "lost_ranges", text, sizeof(text), NULL))
		die("lost_ranges");
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		uint64_t a, count;
		char cause[16];

		if (sscanf(line, "dropped %" SCNu64, &dropped) == 1)
			continue;
		if (sscanf(line, "%15s %" SCNu64 " %" SCNu64, cause, &a, &count) != 3 ||
		    !is_missing(a, count))
			wrong_ranges++;
		covered += count;
		ranges++;
	}
	if (out) {
		FILE *f = fopen(out, "w");

		for (size_t i = 0; f && i < missing_count; i++)
			fprintf(f, "%" PRIu64 " %" PRIu64 "\n", missing[i].first, missing[i].count);
		if (!f || fclose(f))
			die(out);
	}
	printf("channels=%u\nbytes=%u\nreceived=%" PRIu64 "\nfirst=%" PRIu64 "\nlast=%" PRId64
	       "\nmissing=%" PRIu64 "\nlost=%" PRIu64 "\nlost_card=%" PRIu64 "\nlost_kernel=%" PRIu64
	       "\nlost_corrupt=%" PRIu64 "\ngaps=%zu\nranges=%" PRIu64 "\ndropped=%" PRIu64
	       "\nwrong_ranges=%" PRIu64 "\noverrun_flags=%" PRIu64 "\nbackwards=%" PRIu64
	       "\nbad_counter=%" PRIu64 "\nbad_time=%" PRIu64 "\nbad_pattern=%" PRIu64
	       "\nfault=0x%" PRIx64 "\nsaturation=0x%" PRIx64 "\nseconds=%.1f\nage_us=%" PRId64 "\n",
	       channels, bytes, received, first, (int64_t)last, sum, lost, number(dir, "lost_card"),
	       number(dir, "lost_kernel"), number(dir, "lost_corrupt"), missing_count, ranges,
	       dropped, wrong_ranges, flagged, backwards, bad_counter, bad_time, bad_pattern, fault,
	       saturated, seconds, age_ns / 1000);
	if (sum != lost || received + lost != last + 1 - first || wrong_ranges || backwards ||
	    newest || bad_counter || bad_time || bad_pattern || (!dropped && covered != lost)) {
		puts("accounted=no");
		return 1;
	}
	puts("accounted=yes");
	return 0;
}
