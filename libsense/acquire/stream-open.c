// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A stream is made: rate, layout, kernel buffer, pool, reader.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "acquire/device-info.h"
#include "acquire/device-probe.h"
#include "acquire/device.h"
#include "acquire/stream-config.h"
#include "acquire/stream.h"
#include "acquire/sysfs.h"
#include "base/error.h"

#define EVENTS 256
#define MIN_STAGE_BYTES (UINT32_C(64) << 10)
#define MAX_STAGE_BYTES (UINT32_C(512) << 10)
#define UNKNOWN_RATE_BLOCK 64
/* Poll wakes without cause this often, so that a removal is noticed; see sense_stream_get_fd(). */
#define TIMER_NS 400000000

/* ---- rate --------------------------------------------------------------------------------- */

static bool read_rate(int dir, const char *name, double *rate)
{
	char text[64], *end;

	if (sense_sysfs_read(dir, name, text, sizeof(text)) <= 0)
		return false;
	*rate = strtod(text, &end);
	return end != text && *rate > 0;
}

/* The attribute that holds the device's rate: its own, or that of a kind of channels. */
static bool find_rate(int device, char name[128], double *rate)
{
	int fd = openat(device, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	bool found = false;

	strcpy(name, "sampling_frequency");
	found = read_rate(device, name, rate);
	while (dir && !found && (entry = readdir(dir))) {
		size_t length = strlen(entry->d_name);

		if (length < 18 || length >= 128 ||
		    strcmp(entry->d_name + length - 18, "sampling_frequency"))
			continue;
		strcpy(name, entry->d_name);
		found = read_rate(device, name, rate);
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	return found;
}

/* A device that samples when a trigger tells it to has the trigger's rate. */
static double trigger_rate(int device)
{
	char wanted[64], name[64], file[300];
	struct dirent *entry;
	double rate = 0;
	DIR *dir;

	if (sense_sysfs_read(device, "trigger/current_trigger", wanted, sizeof(wanted)) <= 0)
		return 0;
	dir = opendir(SENSE_IIO_SYSFS);
	while (dir && !(rate > 0) && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "trigger", 7))
			continue;
		snprintf(file, sizeof(file), "%.200s/name", entry->d_name);
		if (sense_sysfs_read(dirfd(dir), file, name, sizeof(name)) <= 0 ||
		    strcmp(name, wanted))
			continue;
		snprintf(file, sizeof(file), "%.200s/sampling_frequency", entry->d_name);
		if (!read_rate(dirfd(dir), file, &rate))
			rate = 0;
		break;
	}
	if (dir)
		closedir(dir);
	return rate;
}

static bool same_rate(double a, double b)
{
	return fabs(a - b) <= 1e-6 * fabs(b);
}

static int refuse_rate(const struct sense_device_info *info, double rate)
{
	char remedy[360] = "this device has a rate of its own; leave it";
	size_t used;

	if (info->rate_count)
		used = (size_t)snprintf(remedy, sizeof(remedy), "it offers, in Hz: ");
	for (unsigned int i = 0; i < info->rate_count && used < sizeof(remedy); i++)
		used += (size_t)snprintf(remedy + used, sizeof(remedy) - used, "%s%g", i ? ", " : "",
					 info->rates_hz[i]);
	return sense_fail(EINVAL, info->id, remedy, "%s cannot sample at %g Hz", info->id, rate);
}

static int set_rate(const struct sense_device *device, double wanted, double *rate)
{
	const struct sense_device_info *info = device->info;
	char name[128], text[32];
	bool known = find_rate(device->dir, name, rate);
	unsigned int i;
	int rc;

	if (!known)
		*rate = trigger_rate(device->dir);
	if (!(wanted > 0) || (*rate > 0 && same_rate(*rate, wanted)))
		return 0;
	for (i = 0; i < info->rate_count && !same_rate(info->rates_hz[i], wanted); i++)
		;
	if (!known || (info->rate_count && i == info->rate_count))
		return refuse_rate(info, wanted);
	snprintf(text, sizeof(text), "%.9g", wanted);
	rc = sense_sysfs_write(device->dir, name, text);
	if (rc == -EBUSY)
		return sense_fail(EBUSY, info->id, "stop what else streams from it, or use the present rate",
				  "the rate of %s cannot change from %g Hz while it runs", info->id,
				  *rate);
	if (rc == -EACCES)
		return sense_fail(EACCES, info->id,
				  "install the udev rule and join the group sense, or be root",
				  "the rate of %s may not be set", info->id);
	if (rc == -EINVAL)
		return refuse_rate(info, wanted);
	if (rc < 0)
		return sense_fail(-rc, info->id, NULL, "the rate of %s cannot be set: %s", info->id,
				  strerror(-rc));
	/* What the device made of it. */
	if (!read_rate(device->dir, name, rate) || !same_rate(*rate, wanted))
		return refuse_rate(info, wanted);
	return 0;
}

/* ---- clock -------------------------------------------------------------------------------- */

static int choose_clock(struct sense_stream *stream, int dir)
{
	char clock[32];
	int rc = sense_sysfs_read(dir, "current_timestamp_clock", clock, sizeof(clock));

	if (rc < 0)
		return 0;
	if (strcmp(clock, "tai"))
		sense_sysfs_write(dir, "current_timestamp_clock", "tai");
	sense_sysfs_read(dir, "current_timestamp_clock", clock, sizeof(clock));
	if (!strcmp(clock, "tai"))
		return 0;
	/* Somebody else runs it on this clock, which TAI follows at a known distance. */
	if (!strcmp(clock, "realtime")) {
		stream->realtime_clock = true;
		return 0;
	}
	return sense_fail(EBUSY, stream->info->id,
			  "stop what else streams from it, or set its current_timestamp_clock to tai",
			  "%s stamps its scans with the clock '%s', which cannot be related to TAI",
			  stream->info->id, clock);
}

/* ---- layout ------------------------------------------------------------------------------- */

static int add_channels(struct sense_stream *stream, const struct sense_stream_config *config)
{
	const struct sense_device_info *info = stream->info;
	int rc;

	for (unsigned int i = 0; i < config->channel_count; i++) {
		const struct sense_channel_info *channel =
			sense_device_info_find_channel(info, config->channels[i]);

		if (!channel)
			return -ENOENT;
		if (!channel->streamable)
			return sense_fail(ENOENT, info->id, "read it singly",
					  "channel %s cannot be streamed: it has no place in a scan, or does not fit 32 bits with sign",
					  channel->name);
		rc = sense_layout_add_info(stream->layout, channel);
		if (rc < 0)
			return rc;
	}
	for (unsigned int i = 0; !config->channel_count && i < info->channel_count; i++) {
		if (!info->channels[i].streamable)
			continue;
		rc = sense_layout_add_info(stream->layout, &info->channels[i]);
		if (rc < 0)
			return rc;
	}
	if (!stream->layout->channel_count)
		return sense_fail(ENOTSUP, info->id, "read its channels singly",
				  "%s has no channel that can be streamed", info->id);
	return 0;
}

static uint32_t at_least(double value, uint32_t least, uint32_t most)
{
	if (!(value > least))
		return least;
	return value < most ? (uint32_t)value : most;
}

/* ---- reader and what it is polled by -------------------------------------------------------- */

static int open_reader(struct sense_stream *stream, enum sense_reader reader)
{
	const struct itimerspec often = { { 0, TIMER_NS }, { 0, TIMER_NS } };
	struct epoll_event event = { .events = EPOLLIN };

	stream->io = sense_io_new(reader, stream->buffer.fd, stream->info->id);
	if (!stream->io)
		return -sense_error_last()->code;
	stream->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	stream->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (stream->epoll_fd < 0 || stream->timer_fd < 0 ||
	    timerfd_settime(stream->timer_fd, 0, &often, NULL) < 0 ||
	    epoll_ctl(stream->epoll_fd, EPOLL_CTL_ADD, stream->io->ops->get_fd(stream->io), &event) < 0 ||
	    epoll_ctl(stream->epoll_fd, EPOLL_CTL_ADD, stream->timer_fd, &event) < 0)
		return sense_fail(errno, stream->info->id, NULL,
				  "the stream of %s cannot be made pollable: %s", stream->info->id,
				  strerror(errno));
	return 0;
}

static int make_assembler(struct sense_stream *stream, struct sense_assembler_config *config,
			  double rate)
{
	uint64_t block_bytes;

	config->layout = stream->layout;
	config->pool = stream->pool;
	config->latest = &stream->latest;
	config->ops = &sense_stream_ops;
	config->context = stream;
	config->period_ns = rate > 0 ? 1e9 / rate : 0;
	block_bytes = (uint64_t)stream->layout->block_scans * config->plan.scan_size;
	config->stage_size = block_bytes < MIN_STAGE_BYTES ? MIN_STAGE_BYTES :
			     block_bytes > MAX_STAGE_BYTES ? MAX_STAGE_BYTES : block_bytes;
	if (stream->info->features & SENSE_FEATURE_SIMULATED)
		config->frame_flags |= SENSE_FRAME_SIMULATED;
	if (config->plan.sequence == SENSE_NO_ELEMENT)
		config->frame_flags |= SENSE_FRAME_SEQUENCE_ESTIMATED | SENSE_FRAME_TIME_ESTIMATED;
	if (config->plan.timestamp == SENSE_NO_ELEMENT)
		config->frame_flags |= SENSE_FRAME_TIME_ESTIMATED;
	stream->has_timestamp = config->plan.timestamp != SENSE_NO_ELEMENT;
	stream->assembler = sense_assembler_new(config);
	return stream->assembler ? 0 : -ENOMEM;
}

static int set_up(struct sense_stream *stream, struct sense_device *device,
		  const struct sense_stream_config *config)
{
	struct sense_assembler_config assembler = { 0 };
	bool loop = config->buffer > 0, reclaimed;
	uint32_t block, scans;
	double rate;
	int rc;

	rc = sense_buffer_open(&stream->buffer, stream->info, device->dir, config->buffer, &reclaimed);
	if (rc < 0)
		return rc;
	if (reclaimed) {
		struct sense_event event;

		sense_event_init(&event, SENSE_EVENT_BUFFER_RECLAIMED, SENSE_SEVERITY_NOTICE,
				 stream->info->id,
				 "buffer %u of %s was enabled with nobody reading it; it was disabled and taken",
				 config->buffer, stream->info->id);
		sense_stream_tell(stream, &event);
	}
	rc = set_rate(device, config->rate_hz, &rate);
	if (rc < 0)
		return rc;
	rc = choose_clock(stream, device->dir);
	if (rc < 0)
		return rc;
	block = config->block_scans ? config->block_scans :
		rate > 0 ? at_least(rate / 10, 1, 1048576) : UNKNOWN_RATE_BLOCK;
	stream->layout = sense_layout_new(stream->info->id, block);
	if (!stream->layout)
		return -sense_error_last()->code;
	sense_layout_set_rate_hz(stream->layout, rate);
	rc = add_channels(stream, config);
	if (rc < 0)
		return rc;
	rc = sense_buffer_select(&stream->buffer, stream->layout, &assembler.plan);
	if (rc < 0)
		return rc;
	scans = config->buffer_scans ? config->buffer_scans :
		loop ? 64 : at_least(2 * rate, 4096, UINT32_MAX);
	stream->exact_length = config->buffer_scans != 0;
	stream->watermark = config->watermark ? config->watermark :
			    loop ? 1 : at_least(rate / 50 < block ? rate / 50 : block, 1, scans / 2);
	stream->watermark_ns = rate > 0 ? (int64_t)(stream->watermark * 1e9 / rate) : 0;
	rc = sense_buffer_set_length(&stream->buffer, assembler.plan.scan_size, scans,
				     stream->watermark, stream->exact_length);
	if (rc < 0)
		return rc;
	stream->pool = sense_frame_pool_new(stream->layout,
					    config->pool_frames ? config->pool_frames : 16);
	if (!stream->pool)
		return -sense_error_last()->code;
	rc = make_assembler(stream, &assembler, rate);
	if (rc < 0)
		return rc;
	return open_reader(stream, config->reader);
}

struct sense_stream *sense_stream_open(struct sense_device *device,
				       const struct sense_stream_config *config)
{
	static const struct sense_stream_config defaults;
	struct sense_stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		return sense_fail_null(ENOMEM, device->info->id, NULL, "no memory for a stream");
	stream->info = sense_device_info_ref(device->info);
	stream->buffer.fd = stream->buffer.dir = -1;
	stream->buffer.lost_ranges_fd = -1;
	stream->buffer.first_sequence_fd = stream->buffer.last_sequence_fd = -1;
	stream->buffer.data_available_fd = stream->buffer.uncertainty_fd = -1;
	stream->epoll_fd = stream->timer_fd = -1;
	stream->clock_known = -1;
	sense_latest_init(&stream->latest);
	stream->events = sense_ring_new(EVENTS, sizeof(struct sense_event));
	if (!stream->events || set_up(stream, device, config ? config : &defaults) < 0) {
		sense_stream_close(stream);
		return NULL;
	}
	return stream;
}

void sense_stream_close(struct sense_stream *stream)
{
	if (!stream)
		return;
	if (stream->state == SENSE_STREAM_RUNNING)
		sense_stream_stop(stream);
	sense_io_free(stream->io);
	if (stream->epoll_fd >= 0)
		close(stream->epoll_fd);
	if (stream->timer_fd >= 0)
		close(stream->timer_fd);
	sense_buffer_close(&stream->buffer);
	sense_assembler_free(stream->assembler);
	sense_frame_pool_free(stream->pool);
	sense_layout_unref(stream->layout);
	sense_ring_free(stream->events);
	sense_device_info_unref(stream->info);
	free(stream);
}
