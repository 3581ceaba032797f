// SPDX-License-Identifier: LGPL-2.1-or-later
#include "acquire/buffer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/iio/buffer.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "acquire/device-info.h"
#include "acquire/device-probe.h"
#include "acquire/sysfs.h"
#include "base/error.h"

/* A sysfs attribute is a page at most. */
#define LOST_RANGES_TEXT 65536

/*
 * A stock driver's kfifo is one kmalloc(), rounded up to a power of two scans; 4 MiB is the
 * most that x86's page allocator hands out, and asking for more puts a warning
 * into the kernel's log.
 */
#define MAX_KFIFO_BYTES (UINT64_C(4) << 20)

/* The node is held only while the buffer's own file is asked for; two may do so at once. */
#define NODE_TRIES 50
#define NODE_PAUSE_NS 4000000

static const char *path(const struct sense_buffer *buffer, const char *name, char text[160])
{
	snprintf(text, 160, "buffer%u/%s", buffer->index, name);
	return text;
}

static int open_node(const struct sense_device_info *info)
{
	const struct timespec pause = { 0, NODE_PAUSE_NS };
	int fd = -1;

	for (int i = 0; i < NODE_TRIES; i++) {
		fd = open(info->node, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0 || errno != EBUSY)
			break;
		nanosleep(&pause, NULL);
	}
	if (fd >= 0)
		return fd;
	switch (errno) {
	case EBUSY:
		return sense_fail(EBUSY, info->node,
				  "find out who by 'fuser -v' on it, and end that program",
				  "%s is in use by another program", info->node);
	case EACCES:
	case EPERM:
		return sense_fail(EACCES, info->node,
				  "join the group sense ('sudo adduser $USER sense', then log in again)",
				  "%s may not be opened", info->node);
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return sense_fail(ENODEV, info->id, "see 'sense list' for what is there",
				  "%s is gone", info->id);
	default:
		return sense_fail(errno, info->node, NULL, "%s cannot be opened: %s", info->node,
				  strerror(errno));
	}
}

/* The buffer's own file, so that the node is free for the device's other buffer. */
static int open_file(struct sense_buffer *buffer, const struct sense_device_info *info)
{
	int node = open_node(info), fd = (int)buffer->index, rc;

	if (node < 0)
		return node;
	rc = ioctl(node, IIO_BUFFER_GET_FD_IOCTL, &fd) < 0 ? -errno : 0;
	close(node);
	if (rc == -EBUSY)
		return sense_fail(EBUSY, info->id, "end the other program, or let it hand the data on",
				  "buffer %u of %s is in use by another program", buffer->index,
				  info->id);
	if (rc < 0)
		return sense_fail(-rc, info->id, NULL, "buffer %u of %s cannot be opened: %s",
				  buffer->index, info->id, strerror(-rc));
	/* The kernel makes it a blocking one. */
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0) {
		rc = -errno;
		close(fd);
		return sense_fail(-rc, info->id, NULL, "buffer %u of %s cannot be made non-blocking: %s",
				  buffer->index, info->id, strerror(-rc));
	}
	buffer->fd = fd;
	return 0;
}

int sense_buffer_open(struct sense_buffer *buffer, const struct sense_device_info *info, int dir,
		      unsigned int index, bool *reclaimed)
{
	char name[160];
	int64_t enabled = 0;
	int rc;

	*buffer = (struct sense_buffer){ .index = index, .dir = -1, .fd = -1, .lost_ranges_fd = -1,
					 .first_sequence_fd = -1, .last_sequence_fd = -1,
					 .data_available_fd = -1,
					 .uncertainty_fd = -1 };
	snprintf(buffer->device_id, sizeof(buffer->device_id), "%s", info->id);
	*reclaimed = false;
	if (!info->buffer_count)
		return sense_fail(ENOTSUP, info->id, "read its channels singly",
				  "%s has no buffer, so it cannot stream", info->id);
	if (index >= info->buffer_count)
		return sense_fail(ENOTSUP, info->id, "use buffer 0", "%s has %u buffer%s, none is number %u",
				  info->id, info->buffer_count, info->buffer_count == 1 ? "" : "s",
				  index);
	buffer->dir = fcntl(dir, F_DUPFD_CLOEXEC, 3);
	buffer->text = malloc(LOST_RANGES_TEXT);
	if (buffer->dir < 0 || !buffer->text) {
		sense_buffer_close(buffer);
		return sense_fail(ENOMEM, info->id, NULL, "no memory for a buffer of %s", info->id);
	}
	rc = open_file(buffer, info);
	if (rc < 0) {
		sense_buffer_close(buffer);
		return rc;
	}
	/* Only its file is single-user; we have that, so whoever enabled it is gone. */
	if (!sense_sysfs_read_i64(buffer->dir, path(buffer, "enable", name), &enabled) && enabled) {
		rc = sense_buffer_disable(buffer);
		if (rc < 0) {
			sense_buffer_close(buffer);
			return rc;
		}
		*reclaimed = true;
	}
	buffer->lost_ranges_fd = openat(buffer->dir, path(buffer, "lost_ranges", name),
					O_RDWR | O_CLOEXEC);
	buffer->first_sequence_fd = openat(buffer->dir, path(buffer, "first_sequence", name),
					   O_RDONLY | O_CLOEXEC);
	buffer->last_sequence_fd = openat(buffer->dir, path(buffer, "last_sequence", name),
					  O_RDONLY | O_CLOEXEC);
	buffer->data_available_fd = openat(buffer->dir, path(buffer, "data_available", name),
					   O_RDONLY | O_CLOEXEC);
	buffer->uncertainty_fd = openat(buffer->dir, "timestamp_uncertainty", O_RDONLY | O_CLOEXEC);
	return 0;
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void sense_buffer_close(struct sense_buffer *buffer)
{
	close_one(&buffer->fd);
	close_one(&buffer->dir);
	close_one(&buffer->lost_ranges_fd);
	close_one(&buffer->first_sequence_fd);
	close_one(&buffer->last_sequence_fd);
	close_one(&buffer->data_available_fd);
	close_one(&buffer->uncertainty_fd);
	free(buffer->text);
	buffer->text = NULL;
}

/* ---- elements -------------------------------------------------------------------------- */

struct element {
	char name[80];			/* with "in_" */
	int64_t index;
	struct sense_scan_type type;
	enum sense_element_role role;
	int channel;			/* of the layout; -1 */
	bool wanted;
};

#define MAX_ELEMENTS 192

static int by_index(const void *a, const void *b)
{
	const struct element *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

static int read_element(const struct sense_buffer *buffer, const struct sense_layout *layout,
			struct element *element)
{
	char name[160], text[64], file[120];
	int rc;

	snprintf(file, sizeof(file), "%s_index", element->name);
	rc = sense_sysfs_read_i64(buffer->dir, path(buffer, file, name), &element->index);
	if (rc < 0)
		return rc;
	snprintf(file, sizeof(file), "%s_type", element->name);
	rc = sense_sysfs_read(buffer->dir, path(buffer, file, name), text, sizeof(text));
	if (rc < 0)
		return rc;
	rc = sense_scan_type_parse(text, &element->type);
	if (rc < 0)
		return sense_fail(EPROTO, buffer->device_id, "report this driver",
				  "%s of %s has the unknown format '%s'", element->name,
				  buffer->device_id, text);
	snprintf(file, sizeof(file), "%s_label", element->name);
	if (sense_sysfs_read(buffer->dir, file, text, sizeof(text)) < 0)
		text[0] = 0;
	element->role = sense_probe_role(element->name + 3, text);
	element->channel = -1;
	for (unsigned int c = 0; c < layout->channel_count; c++)
		if (!strcmp(layout->channels[c].iio_id, element->name + 3))
			element->channel = (int)c;
	element->wanted = element->channel >= 0 || element->role != SENSE_ROLE_CHANNEL;
	/* What is not one 64-bit word as the processor has it is of no use as such. */
	if (element->role != SENSE_ROLE_CHANNEL &&
	    (element->type.storage != 64 || element->type.bits != 64 || element->type.repeat != 1 ||
	     element->type.big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)))
		element->wanted = false;
	return 0;
}

static int list_elements(const struct sense_buffer *buffer, const struct sense_layout *layout,
			 struct element *elements, unsigned int *count)
{
	char name[32];
	struct dirent *entry;
	int rc = 0, fd;
	DIR *dir;

	snprintf(name, sizeof(name), "buffer%u", buffer->index);
	fd = openat(buffer->dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return -errno;
	}
	while (!rc && (entry = readdir(dir))) {
		size_t length = strlen(entry->d_name);

		if (length < 7 || length - 3 >= sizeof(elements->name) ||
		    strncmp(entry->d_name, "in_", 3) || strcmp(entry->d_name + length - 3, "_en"))
			continue;
		if (*count == MAX_ELEMENTS) {
			rc = -E2BIG;
			break;
		}
		elements[*count] = (struct element){ 0 };
		memcpy(elements[*count].name, entry->d_name, length - 3);
		rc = read_element(buffer, layout, &elements[*count]);
		(*count)++;
	}
	closedir(dir);
	qsort(elements, *count, sizeof(*elements), by_index);
	return rc;
}

static void place(const struct element *element, const struct sense_layout *layout, size_t offset,
		  struct sense_scan_plan *plan)
{
	switch (element->role) {
	case SENSE_ROLE_TIMESTAMP:
		plan->timestamp = offset;
		break;
	case SENSE_ROLE_SEQUENCE:
		plan->sequence = offset;
		break;
	case SENSE_ROLE_COUNTER:
		plan->counter = offset;
		break;
	case SENSE_ROLE_FAULT:
		plan->fault = offset;
		break;
	case SENSE_ROLE_SATURATION:
		plan->saturation = offset;
		break;
	case SENSE_ROLE_SCAN_FLAGS:
		plan->scan_flags = offset;
		break;
	default:
		plan->channels[element->channel] = (struct sense_scan_channel){
			offset, element->type, layout->channels[element->channel].card_index };
		break;
	}
}

static int enable_elements(const struct sense_buffer *buffer, const struct element *elements,
			   unsigned int count)
{
	char name[160], file[120];

	for (unsigned int i = 0; i < count; i++) {
		int64_t enabled;
		int rc;

		snprintf(file, sizeof(file), "%s_en", elements[i].name);
		path(buffer, file, name);
		rc = sense_sysfs_read_i64(buffer->dir, name, &enabled);
		if (!rc && (enabled != 0) != elements[i].wanted)
			rc = sense_sysfs_write_u64(buffer->dir, name, elements[i].wanted);
		if (rc == -EACCES)
			return sense_fail(EACCES, buffer->device_id,
					  "install the udev rule and join the group sense, or be root",
					  "the buffer of %s may not be configured", buffer->device_id);
		if (rc < 0)
			return sense_fail(-rc, buffer->device_id,
					  rc == -EINVAL ? "this device may not offer every choice of channels; try all of them" :
					  NULL, "%s of %s cannot be %s: %s", elements[i].name,
					  buffer->device_id, elements[i].wanted ? "enabled" : "disabled",
					  strerror(-rc));
	}
	return 0;
}

int sense_buffer_select(struct sense_buffer *buffer, const struct sense_layout *layout,
			struct sense_scan_plan *plan)
{
	struct element *elements = calloc(MAX_ELEMENTS, sizeof(*elements));
	size_t size = 0, align = 1;
	unsigned int count = 0, found = 0;
	int rc;

	if (!elements)
		return sense_fail(ENOMEM, buffer->device_id, NULL, "no memory");
	rc = list_elements(buffer, layout, elements, &count);
	if (rc < 0) {
		if (rc != -EPROTO)
			sense_fail(-rc, buffer->device_id, NULL,
				   "the elements of buffer %u of %s cannot be read: %s",
				   buffer->index, buffer->device_id, strerror(-rc));
		goto out;
	}
	sense_scan_plan_init(plan);
	for (unsigned int i = 0; i < count; i++) {
		if (!elements[i].wanted)
			continue;
		place(&elements[i], layout, sense_scan_append(&elements[i].type, &size, &align), plan);
		found += elements[i].channel >= 0;
	}
	if (found != layout->channel_count) {
		rc = sense_fail(ENOENT, buffer->device_id, "leave it out",
				"%u of the channels chosen cannot be streamed from buffer %u",
				layout->channel_count - found, buffer->index);
		goto out;
	}
	plan->channel_count = layout->channel_count;
	plan->scan_size = sense_scan_size(size, align);
	sense_scan_plan_finish(plan);
	rc = enable_elements(buffer, elements, count);
out:
	free(elements);
	return rc;
}

/* ---- length, enable ----------------------------------------------------------------------- */

static uint64_t round_up(uint64_t value)
{
	uint64_t power = 1;

	while (power < value)
		power *= 2;
	return power;
}

static int write_size(struct sense_buffer *buffer, uint32_t watermark)
{
	char name[160];
	int rc = sense_sysfs_write_u64(buffer->dir, path(buffer, "length", name), buffer->length);

	/* The watermark must never be above the length, whichever way the length went. */
	if (!rc)
		rc = sense_sysfs_write_u64(buffer->dir, path(buffer, "watermark", name),
					   watermark < buffer->length ? watermark : buffer->length);
	if (rc < 0)
		return sense_fail(-rc, buffer->device_id, NULL,
				  "buffer %u of %s cannot have %u scans and wake its reader at %u: %s",
				  buffer->index, buffer->device_id, buffer->length, watermark,
				  strerror(-rc));
	return 0;
}

int sense_buffer_set_length(struct sense_buffer *buffer, size_t scan_size, uint32_t scans,
			    uint32_t watermark, bool exact)
{
	uint64_t most = round_up(MAX_KFIFO_BYTES / scan_size + 1) / 2;
	/* A driver that keeps an account of its buffers has made them itself, and says no itself. */
	bool kfifo = buffer->lost_ranges_fd < 0;

	if (kfifo && scans > most) {
		char remedy[128];

		snprintf(remedy, sizeof(remedy), "choose at most %llu scans",
			 (unsigned long long)most);
		if (exact)
			return sense_fail(EINVAL, buffer->device_id, remedy,
					  "no kernel buffer can hold %u scans of %zu bytes", scans,
					  scan_size);
		scans = (uint32_t)most;
	}
	buffer->length = scans;
	return write_size(buffer, watermark);
}

static int explain_enable(const struct sense_buffer *buffer, int code)
{
	char trigger[64], remedy[256];

	if (code == EINVAL &&
	    sense_sysfs_read(buffer->dir, "trigger/current_trigger", trigger, sizeof(trigger)) == 0) {
		snprintf(remedy, sizeof(remedy),
			 "write the name of one of " SENSE_IIO_SYSFS
			 "/trigger*/name into trigger/current_trigger of the device");
		return sense_fail(EINVAL, buffer->device_id, remedy,
				  "%s samples when a trigger tells it to, and has none",
				  buffer->device_id);
	}
	if (code == EBUSY)
		return sense_fail(EBUSY, buffer->device_id, "end what else uses the device",
				  "%s is busy otherwise", buffer->device_id);
	if (code == ENODEV || code == ENOENT)
		return sense_fail(ENODEV, buffer->device_id, "see 'sense list' for what is there",
				  "%s is gone", buffer->device_id);
	return sense_fail(code, buffer->device_id, "the kernel's log may say why",
			  "buffer %u of %s cannot be enabled: %s", buffer->index, buffer->device_id,
			  strerror(code));
}

int sense_buffer_enable(struct sense_buffer *buffer, uint32_t watermark, bool exact)
{
	char name[160];
	int rc;

	sense_lost_ranges_clear(&buffer->ranges);
	for (;;) {
		rc = sense_sysfs_write(buffer->dir, path(buffer, "enable", name), "1");
		/* Memory in one piece that large may not be left: half of it may. */
		if (rc != -ENOMEM || exact || buffer->length <= 64)
			break;
		buffer->length /= 2;
		rc = write_size(buffer, watermark);
		if (rc < 0)
			return rc;
	}
	return rc < 0 ? explain_enable(buffer, -rc) : 0;
}

int sense_buffer_disable(struct sense_buffer *buffer)
{
	char name[160];
	int rc = sense_sysfs_write(buffer->dir, path(buffer, "enable", name), "0");

	if (rc < 0)
		return explain_enable(buffer, -rc);
	return 0;
}

bool sense_buffer_is_gone(const struct sense_buffer *buffer)
{
	char name[160];

	return faccessat(buffer->dir, path(buffer, "enable", name), F_OK, 0) < 0;
}

/* ---- what the kernel says while it runs ------------------------------------------------------ */

static ssize_t read_again(int fd, char *text, size_t size)
{
	ssize_t n = fd < 0 ? -1 : pread(fd, text, size - 1, 0);

	text[n < 0 ? 0 : n] = 0;
	return n;
}

/*
 * The driver shows a page of runs, oldest first. Those that were read are
 * released, so that the next page shows and the driver has room for more.
 */
const struct sense_lost_ranges *sense_buffer_read_lost_ranges(struct sense_buffer *buffer,
							      uint64_t first, uint64_t end)
{
	struct sense_lost_ranges *ranges = &buffer->ranges;
	uint64_t known;

	sense_lost_ranges_forget(ranges, first);
	while ((known = sense_lost_ranges_end(ranges)) < end) {
		char text[24];
		int n;

		if (read_again(buffer->lost_ranges_fd, buffer->text, LOST_RANGES_TEXT) <= 0)
			break;
		sense_lost_ranges_add(ranges, buffer->text);
		if (sense_lost_ranges_end(ranges) == known)
			break;
		n = snprintf(text, sizeof(text), "%" PRIu64, sense_lost_ranges_end(ranges));
		if (pwrite(buffer->lost_ranges_fd, text, (size_t)n, 0) < 0)
			break;
	}
	return ranges;
}

static bool read_sequence(int fd, uint64_t *sequence)
{
	char text[32], *end;

	if (read_again(fd, text, sizeof(text)) <= 0)
		return false;
	errno = 0;
	*sequence = strtoull(text, &end, 10);
	return !errno && end != text && text[0] != '-';
}

bool sense_buffer_read_first_sequence(const struct sense_buffer *buffer, uint64_t *sequence)
{
	return read_sequence(buffer->first_sequence_fd, sequence);
}

bool sense_buffer_read_last_sequence(const struct sense_buffer *buffer, uint64_t *sequence)
{
	return read_sequence(buffer->last_sequence_fd, sequence);
}

uint32_t sense_buffer_read_fill(const struct sense_buffer *buffer)
{
	char text[32];

	if (read_again(buffer->data_available_fd, text, sizeof(text)) <= 0)
		return 0;
	return (uint32_t)strtoul(text, NULL, 10);
}

double sense_buffer_read_uncertainty(const struct sense_buffer *buffer)
{
	char text[64], *end;
	double ns;

	if (read_again(buffer->uncertainty_fd, text, sizeof(text)) <= 0)
		return NAN;
	ns = strtod(text, &end);
	return end != text && ns >= 0 ? ns : NAN;
}
