// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * read-path: what it costs to get scans out of the kernel, three ways on the
 * same device with the same buffer length and watermark:
 *
 *   bare       a blocking read(2) loop that touches every byte
 *   sense      libsense into frames, by io_uring
 *   sense-poll libsense into frames, by poll(2) and read(2)
 *   iio_readdev  libiio's tool, output to /dev/null
 *
 * read-path WAY DEVICE-SYSFS RATE_HZ SECONDS WATERMARK prints one line of
 *   way rate scans lost said cpu_ns wall_ns
 * "lost" is what the driver refused to the buffer, the judge of all three;
 * "said" is what the way itself reported as lost (iio_readdev reports nothing).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sense/sense.h>

static const char *sysfs;
static unsigned int watermark;

static void die(const char *what)
{
	fprintf(stderr, "read-path: %s: %s\n", what, strerror(errno));
	exit(4);
}

static void put(const char *name, const char *format, ...)
{
	char path[512], text[64];
	va_list args;
	int fd, length;

	va_start(args, format);
	length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(path, sizeof(path), "%s/%s", sysfs, name);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, text, (size_t)length) != length)
		die(path);
	close(fd);
}

static uint64_t get(const char *name)
{
	char path[512], text[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", sysfs, name);
	file = fopen(path, "r");
	if (!file || !fgets(text, sizeof(text), file))
		die(path);
	fclose(file);
	return strtoull(text, NULL, 10);
}

/* Enable every scan element; returns how many bytes a scan then has. */
static size_t enable_all(void)
{
	char path[512], name[300], type[64];
	size_t offset = 0;
	struct { unsigned int index, bytes; } element[96];
	unsigned int count = 0;
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/buffer0", sysfs);
	dir = opendir(path);
	if (!dir)
		die(path);
	while ((entry = readdir(dir))) {
		size_t length = strlen(entry->d_name);
		unsigned int bits = 0;
		FILE *file;

		if (length < 4 || strcmp(entry->d_name + length - 3, "_en") || count == 96)
			continue;
		snprintf(name, sizeof(name), "buffer0/%s", entry->d_name);
		put(name, "1");
		snprintf(path, sizeof(path), "%s/buffer0/%.*s_type", sysfs, (int)length - 3,
			 entry->d_name);
		file = fopen(path, "r");
		if (!file || !fgets(type, sizeof(type), file) ||
		    sscanf(type, "%*[^/]/%u", &bits) != 1)
			die(path);
		fclose(file);
		snprintf(name, sizeof(name), "buffer0/%.*s_index", (int)length - 3, entry->d_name);
		element[count].index = (unsigned int)get(name);
		element[count++].bytes = bits / 8;
	}
	closedir(dir);
	for (unsigned int want = 0; want < 256; want++)
		for (unsigned int i = 0; i < count; i++)
			if (element[i].index == want) {
				offset = (offset + element[i].bytes - 1) / element[i].bytes *
					 element[i].bytes;
				offset += element[i].bytes;
			}
	return (offset + 7) & ~(size_t)7;
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int64_t cpu_ns(const struct rusage *u)
{
	return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * INT64_C(1000000000) +
	       (u->ru_utime.tv_usec + u->ru_stime.tv_usec) * INT64_C(1000);
}

static void report(const char *way, double rate, uint64_t scans, uint64_t said, int64_t cpu,
		   int64_t wall)
{
	printf("%s %.0f %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64 "\n", way, rate,
	       scans, get("buffer0/lost"), said, cpu, wall);
}

static void bare(double rate, double seconds)
{
	size_t scan = enable_all(), size = scan * watermark;
	char *kernel = strrchr(sysfs, '/'), node[300];
	uint64_t *data = malloc(size), touched = 0, bytes = 0;
	struct rusage before, after;
	int64_t start, end;
	ssize_t got;
	int fd;

	snprintf(node, sizeof(node), "/dev%s", kernel);
	fd = open(node, O_RDONLY);
	if (fd < 0 || !data)
		die(node);
	put("buffer0/enable", "1");
	getrusage(RUSAGE_SELF, &before);
	start = now_ns();
	end = start + (int64_t)(seconds * 1e9);
	while (now_ns() < end) {
		got = read(fd, data, size);
		if (got < 0)
			die("read");
		for (size_t i = 0; i < (size_t)got / 8; i++)
			touched += data[i];
		bytes += (uint64_t)got;
	}
	end = now_ns();
	getrusage(RUSAGE_SELF, &after);
	put("buffer0/enable", "0");
	close(fd);
	/* Printing the sum keeps the compiler from leaving the touching out. */
	fprintf(stderr, "# sum %" PRIx64 "\n", touched);
	report("bare", rate, bytes / scan, 0, cpu_ns(&after) - cpu_ns(&before), end - start);
}

static void sense(const char *way, enum sense_reader reader, double rate, double seconds)
{
	struct sense_stream_config *config = sense_stream_config_new();
	struct sense_device *device = sense_device_open(strrchr(sysfs, '/') + 1);
	struct sense_stream_counts counts;
	struct rusage before, after;
	struct sense_stream *stream;
	struct sense_frame *frame;
	int64_t start, end;
	uint64_t said = 0;
	int ret;

	sense_stream_config_set_rate_hz(config, rate);
	sense_stream_config_set_buffer_scans(config, watermark * 4);
	sense_stream_config_set_watermark(config, watermark);
	sense_stream_config_set_block_scans(config, watermark);
	sense_stream_config_set_reader(config, reader);
	stream = device ? sense_stream_open(device, config) : NULL;
	if (!stream || sense_stream_start(stream) < 0) {
		fprintf(stderr, "read-path: %s\n", sense_error_last()->sentence);
		exit(4);
	}
	getrusage(RUSAGE_SELF, &before);
	start = now_ns();
	end = start + (int64_t)(seconds * 1e9);
	while (now_ns() < end) {
		ret = sense_stream_read(stream, 100000000, &frame);
		if (ret < 0) {
			fprintf(stderr, "read-path: %s\n", sense_error_last()->sentence);
			exit(4);
		}
		if (ret)
			sense_frame_release(frame);
	}
	end = now_ns();
	getrusage(RUSAGE_SELF, &after);
	sense_stream_get_counts(stream, &counts);
	sense_stream_stop(stream);
	/* What the buffer refused at the very end shows only after the rest is read. */
	while ((ret = sense_stream_read(stream, 0, &frame)) == 1)
		sense_frame_release(frame);
	{
		struct sense_stream_counts all;

		sense_stream_get_counts(stream, &all);
		for (int i = 0; i < SENSE_GAP_CAUSES; i++)
			said += all.lost[i];
	}
	report(way, rate, counts.scans, said, cpu_ns(&after) - cpu_ns(&before), end - start);
	sense_stream_close(stream);
	sense_device_close(device);
	sense_stream_config_free(config);
}

static void iio_readdev(double rate, double seconds)
{
	char samples[32];
	struct rusage usage;
	int64_t start = now_ns();
	uint64_t last, lost;
	int status;
	pid_t pid;

	snprintf(samples, sizeof(samples), "%u", watermark);
	enable_all();
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 1);
		execlp("iio_readdev", "iio_readdev", "-b", samples, "-T", "10000",
		       strrchr(sysfs, '/') + 1, (char *)NULL);
		_exit(127);
	}
	usleep((useconds_t)(seconds * 1e6));
	kill(pid, SIGINT);
	if (wait4(pid, &status, 0, &usage) != pid || (WIFEXITED(status) && WEXITSTATUS(status) == 127))
		die("iio_readdev");
	last = get("buffer0/last_sequence");
	lost = get("buffer0/lost");
	report("iio_readdev", rate, last + 1 - lost, 0, cpu_ns(&usage), now_ns() - start);
}

int main(int argc, char **argv)
{
	double rate, seconds;

	if (argc != 6) {
		fprintf(stderr, "usage: read-path bare|sense|sense-poll|iio_readdev SYSFS RATE SECONDS WATERMARK\n");
		return 2;
	}
	sysfs = argv[2];
	rate = atof(argv[3]);
	seconds = atof(argv[4]);
	watermark = (unsigned int)atoi(argv[5]);
	put("buffer0/enable", "0");
	put("sampling_frequency", "%.0f", rate);
	put("buffer0/length", "%u", watermark * 4);
	put("buffer0/watermark", "%u", watermark);
	if (!strcmp(argv[1], "bare"))
		bare(rate, seconds);
	else if (!strcmp(argv[1], "sense"))
		sense(argv[1], SENSE_READER_IO_URING, rate, seconds);
	else if (!strcmp(argv[1], "sense-poll"))
		sense(argv[1], SENSE_READER_POLL, rate, seconds);
	else
		iio_readdev(rate, seconds);
	return 0;
}
