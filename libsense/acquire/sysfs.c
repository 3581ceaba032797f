// SPDX-License-Identifier: LGPL-2.1-or-later
#include "acquire/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int sense_sysfs_read(int dir, const char *name, char *text, size_t size)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n = 0;
	int rc;

	if (fd < 0)
		return -errno;
	while (used < size) {
		n = read(fd, text + used, size - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		used += (size_t)n;
	}
	rc = n < 0 ? -errno : 0;
	close(fd);
	if (rc < 0)
		return rc;
	if (used == size)
		return -ENOBUFS;
	/* Some attributes end in "\n", and IIO's current_timestamp_clock in "\n" and a zero. */
	while (used && (text[used - 1] == '\n' || !text[used - 1]))
		used--;
	text[used] = 0;
	return (int)used;
}

int sense_sysfs_read_i64(int dir, const char *name, int64_t *value)
{
	char text[64], *end;
	int rc = sense_sysfs_read(dir, name, text, sizeof(text));

	if (rc < 0)
		return rc;
	errno = 0;
	*value = strtoll(text, &end, 10);
	return errno || end == text ? -EINVAL : 0;
}

int sense_sysfs_write(int dir, const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CLOEXEC);
	size_t length = strlen(text);
	ssize_t n;
	int rc = 0;

	if (fd < 0)
		return -errno;
	/* One write(2): an attribute takes its value whole. */
	do {
		n = write(fd, text, length);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		rc = -errno;
	else if ((size_t)n != length)
		rc = -EIO;
	close(fd);
	return rc;
}

int sense_sysfs_write_u64(int dir, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	return sense_sysfs_write(dir, name, text);
}
