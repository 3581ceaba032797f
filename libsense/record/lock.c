// SPDX-License-Identifier: LGPL-2.1-or-later
#include "record/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

/*
 * Not the database itself is locked: SQLite's own locks there are POSIX ones,
 * and closing any descriptor of the file would drop them. Open file
 * description locks also tell two writers within one process apart.
 */
static int lock_name(const char *path, char name[PATH_MAX])
{
	int length = snprintf(name, PATH_MAX, "%s-lock", path);

	return length < PATH_MAX ? 0 :
	       sense_fail(ENAMETOOLONG, path, "give a shorter path", "the path is too long");
}

static long holder(int fd)
{
	char text[32] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	return n > 0 ? strtol(text, NULL, 10) : 0;
}

int sense_record_lock(const char *path)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char name[PATH_MAX];
	int rc = lock_name(path, name);

	if (rc)
		return rc;
	for (;;) {
		struct stat here, there;
		int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);

		if (fd < 0) {
			int code = errno;

			return sense_fail(code, path,
					  "give a path in a directory that can be written",
					  "cannot write %s: %s", path, strerror(code));
		}
		if (fcntl(fd, F_OFD_SETLK, &lock)) {
			int code = errno;
			long pid = holder(fd);

			close(fd);
			if (code != EAGAIN && code != EACCES)
				return sense_fail(code, path, NULL, "cannot lock %s: %s", name,
						  strerror(code));
			return sense_fail(EBUSY, path,
					  "record to another file, or end that process",
					  "%s is being written by process %ld", path, pid);
		}
		/* The writer before us removes the file when it ends: was this still it? */
		if (!fstat(fd, &here) && !stat(name, &there) && here.st_ino == there.st_ino &&
		    here.st_dev == there.st_dev) {
			if (ftruncate(fd, 0) || dprintf(fd, "%ld\n", (long)getpid()) < 0) {
				/* The number is for people; the lock holds without it. */
			}
			return fd;
		}
		close(fd);
	}
}

void sense_record_unlock(const char *path, int fd)
{
	char name[PATH_MAX];

	if (fd < 0)
		return;
	if (!lock_name(path, name))
		unlink(name);
	close(fd);
}
