// SPDX-License-Identifier: LGPL-2.1-or-later
/* A calibration log as a chain of lines: read, checked, continued. */
#include "calibrate/calibration-log-model.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "calibrate/certificate-file.h"

static int sha256(const char *data, size_t size, char hex[65])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	if (EVP_Digest(data, size, digest, &n, EVP_sha256(), NULL) != 1 || n != 32)
		return sense_fail(EIO, "", "see that OpenSSL is installed whole",
				  "the crypto library computes no SHA-256");
	certificate_hex(digest, n, hex);
	return 0;
}

/* Whether an entry can follow another in one log. */
static int check_order(const char *where, const struct sense_log_entry *before,
		       const struct sense_log_entry *entry)
{
	char first[11], second[11];

	if (strcmp(before->item, entry->item) || strcmp(before->serial, entry->serial))
		return sense_fail(EBADMSG, where, "keep one log per sensor",
				  "the entry is for %.60s, serial %.60s, and the log is of %.60s, "
				  "serial %.60s",
				  entry->item, entry->serial, before->item, before->serial);
	if (strcmp(before->unit, entry->unit))
		return sense_fail(EBADMSG, where, "keep one unit in a log",
				  "the entry is in %.30s and the log in %.30s", entry->unit,
				  before->unit);
	if (entry->day < before->day)
		return sense_fail(EBADMSG, where, "entries follow in the order of their dates",
				  "the entry is of %s and the one before it of %s",
				  sense_day_format(entry->day, second),
				  sense_day_format(before->day, first));
	return 0;
}

static int read_lines(struct sense_calibration_log *log, const char *text, size_t size)
{
	struct vector entries = { .size = sizeof(struct sense_log_entry) };
	char digest[65] = SENSE_LOG_NO_DIGEST, where[300];
	const char *end = text + size, *line = text;
	int result = 0;

	while (!result && line < end) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		struct sense_log_entry *entry = vector_add(&entries, &log->arena);

		snprintf(where, sizeof(where), "%s:%zu", log->name, entries.count);
		if (!newline) {
			result = sense_fail(EBADMSG, where,
					    "take the file from a copy, or take the torn line out",
					    "the last line is torn: it has no end");
			break;
		}
		result = entry ? log_line_read(where, line, (size_t)(newline - line), &log->arena,
					       entry) :
				 -ENOMEM;
		if (!result && strcmp(entry->previous, digest))
			result = sense_fail(EBADMSG, where,
					    "take the file from a copy that is whole",
					    "the chain is broken: the line before this one was "
					    "changed, or lines are missing or new");
		if (!result && entries.count > 1)
			result = check_order(where, entry - 1, entry);
		if (!result)
			result = sha256(line, (size_t)(newline - line), digest);
		if (!result)
			entry->digest = arena_string(&log->arena, digest);
		line = newline + 1;
	}
	log->count = (unsigned int)entries.count;
	if (result)
		free(entries.data);
	else
		log->entries = vector_end(&entries, &log->arena);
	log->digest = arena_string(&log->arena, digest);
	return result;
}

struct sense_calibration_log *sense_calibration_log_parse(const char *name, const void *data,
							  size_t size)
{
	struct sense_calibration_log *log = calloc(1, sizeof(*log));
	int result;

	if (!log)
		return sense_fail_null(ENOMEM, name, NULL, "no memory for a calibration log");
	if (size > LOG_BYTES_MAX) {
		free(log);
		return sense_fail_null(EFBIG, name, "give the path of a calibration log",
				       "the file has over 32 MiB");
	}
	log->name = arena_string(&log->arena, name);
	result = read_lines(log, data, size);
	if (log->arena.failed)
		result = sense_fail(ENOMEM, name, NULL, "no memory for a calibration log");
	if (result) {
		sense_calibration_log_free(log);
		return NULL;
	}
	return log;
}

/* All of an open file; *@data owned. */
static int read_all(int fd, const char *path, char **data, size_t *size)
{
	struct stat status;
	size_t at = 0;

	*data = NULL;
	if (fstat(fd, &status) || !S_ISREG(status.st_mode))
		return sense_fail(EINVAL, path, "give the path of a calibration log",
				  "this is no plain file");
	if (status.st_size > LOG_BYTES_MAX)
		return sense_fail(EFBIG, path, "give the path of a calibration log",
				  "the file has over 32 MiB");
	*data = malloc((size_t)status.st_size + 1);
	if (!*data)
		return sense_fail(ENOMEM, path, NULL, "no memory for a calibration log");
	while (at < (size_t)status.st_size) {
		ssize_t n = pread(fd, *data + at, (size_t)status.st_size - at, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int code = errno;

			free(*data);
			*data = NULL;
			return sense_fail(code, path, "see that the disk is whole",
					  "the log cannot be read: %s", strerror(code));
		}
		if (n == 0)
			break;
		at += (size_t)n;
	}
	*size = at;
	return 0;
}

static int fail_open(const char *path, int code)
{
	return sense_fail(code, path, "see that it is there and may be opened",
			  "the calibration log cannot be opened: %s", strerror(code));
}

struct sense_calibration_log *sense_calibration_log_load(const char *path)
{
	/* O_NONBLOCK: a pipe must not keep a program waiting that wants a file. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct sense_calibration_log *log = NULL;
	size_t size;
	char *data;

	if (fd < 0) {
		fail_open(path, errno);
		return NULL;
	}
	if (!read_all(fd, path, &data, &size)) {
		log = sense_calibration_log_parse(path, data, size);
		free(data);
	}
	close(fd);
	return log;
}

void sense_calibration_log_free(struct sense_calibration_log *log)
{
	if (!log)
		return;
	arena_free(&log->arena);
	free(log);
}

unsigned int sense_calibration_log_get_count(const struct sense_calibration_log *log)
{
	return log->count;
}

const struct sense_log_entry *
sense_calibration_log_get_entry(const struct sense_calibration_log *log, unsigned int index)
{
	return index < log->count ? &log->entries[index] : NULL;
}

const char *sense_calibration_log_get_digest(const struct sense_calibration_log *log)
{
	return log->digest;
}

/* ---- appending --------------------------------------------------------------------- */

/* One line in one piece, on disk; a part of one is taken back. */
static int write_line(int fd, const char *path, char *line)
{
	size_t length = strlen(line);
	off_t before = lseek(fd, 0, SEEK_END);
	ssize_t n;
	int code;

	line[length] = '\n'; /* in the place of the NUL */
	n = before < 0 ? -1 : write(fd, line, length + 1);
	code = errno;
	line[length] = 0;
	if (n == (ssize_t)(length + 1) && fsync(fd) == 0)
		return 0;
	if (n >= 0)
		code = n == (ssize_t)(length + 1) ? errno : ENOSPC;
	if (before >= 0 && n > 0 && ftruncate(fd, before))
		return sense_fail(code, path, "take its last line out before the next entry",
				  "an entry was written in part and cannot be taken back: %s",
				  strerror(code));
	return sense_fail(code, path, "see that its disk has room",
			  "the entry cannot be written: %s", strerror(code));
}

static int append(int fd, const char *path, const struct sense_log_entry *entry,
		  const char *expected, char digest[65])
{
	struct sense_calibration_log *log = NULL;
	char *data = NULL, *line = NULL, first[65];
	const char *previous;
	size_t size;
	int result = read_all(fd, path, &data, &size);

	if (result)
		return result;
	log = sense_calibration_log_parse(path, data, size);
	free(data);
	if (!log)
		return -sense_error_last()->code;
	previous = log->digest;
	if (expected && strcmp(expected, previous))
		result = sense_fail(ESTALE, path, "read the log again before going on",
				    "the log ends with another entry than expected");
	if (!result && log->count)
		result = check_order(path, &log->entries[log->count - 1], entry);
	if (!result)
		result = log_line_write(path, entry, previous, &line);
	if (!result)
		result = sha256(line, strlen(line), first);
	if (!result) {
		/* What is written must be readable: it can never be mended afterwards. */
		struct sense_log_entry back;
		struct arena arena = { 0 };

		result = log_line_read(path, line, strlen(line), &arena, &back);
		arena_free(&arena);
	}
	if (!result)
		result = write_line(fd, path, line);
	if (!result && digest)
		memcpy(digest, first, sizeof(first));
	free(line);
	sense_calibration_log_free(log);
	return result;
}

int sense_calibration_log_append(const char *path, const struct sense_log_entry *entry,
				 const char *expected, char digest[65])
{
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644);
	int result;

	if (fd < 0)
		return fail_open(path, errno);
	/* Two writers must not continue from the same line. */
	if (flock(fd, LOCK_EX))
		result = sense_fail(errno, path, "keep the log on a file system that can lock",
				    "the log cannot be locked: %s", strerror(errno));
	else
		result = append(fd, path, entry, expected, digest);
	close(fd);
	return result;
}
