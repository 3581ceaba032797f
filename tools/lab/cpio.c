// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpio.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void put(struct lab_cpio *cpio, const void *data, size_t length)
{
	const char *at = data;

	while (length && !cpio->error) {
		ssize_t n = write(cpio->fd, at, length);

		if (n < 0 && errno != EINTR)
			cpio->error = -errno;
		if (n > 0) {
			at += n;
			length -= (size_t)n;
		}
	}
}

static void pad(struct lab_cpio *cpio, size_t length)
{
	static const char zeros[4];

	put(cpio, zeros, (4 - length % 4) % 4);
}

static void entry(struct lab_cpio *cpio, const char *name, unsigned int mode, const void *data,
		  size_t length)
{
	char header[111];
	size_t name_size = strlen(name) + 1;

	snprintf(header, sizeof(header),
		 "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
		 ++cpio->inode, mode, 0U, 0U, S_ISDIR(mode) ? 2U : 1U, 0U, (unsigned int)length,
		 0U, 0U, 0U, 0U, (unsigned int)name_size, 0U);
	put(cpio, header, 110);
	put(cpio, name, name_size);
	pad(cpio, 110 + name_size);
	put(cpio, data, length);
	pad(cpio, length);
}

void lab_cpio_start(struct lab_cpio *cpio, int fd)
{
	*cpio = (struct lab_cpio){ .fd = fd, .inode = 1000000 };
}

void lab_cpio_directory(struct lab_cpio *cpio, const char *name)
{
	entry(cpio, name, S_IFDIR | 0755, NULL, 0);
}

void lab_cpio_text(struct lab_cpio *cpio, const char *name, unsigned int mode, const char *text)
{
	entry(cpio, name, S_IFREG | mode, text, strlen(text));
}

static int put_file(struct lab_cpio *cpio, const char *name, const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *data;
	ssize_t n = 0;
	size_t have = 0, size;

	if (fd < 0 || fstat(fd, &status)) {
		int error = -errno;

		if (fd >= 0)
			close(fd);
		return error;
	}
	size = (size_t)status.st_size;
	data = malloc(size + 1);
	while (data && have < size && (n = read(fd, data + have, size - have)) > 0)
		have += (size_t)n;
	close(fd);
	if (data && have == size)
		entry(cpio, name, S_IFREG | (status.st_mode & 0755), data, size);
	free(data);
	return data && have == size ? 0 : -EIO;
}

void lab_cpio_file(struct lab_cpio *cpio, const char *name, const char *path)
{
	int error = put_file(cpio, name, path);

	if (error && !cpio->error)
		cpio->error = error;
}

void lab_cpio_tree(struct lab_cpio *cpio, const char *name, const char *path)
{
	struct stat status;
	struct dirent **list;
	int count;

	if (lstat(path, &status))
		return;
	if (S_ISLNK(status.st_mode)) {
		char target[4096];
		ssize_t n = readlink(path, target, sizeof(target) - 1);

		if (n > 0)
			entry(cpio, name, S_IFLNK | 0777, target, (size_t)n);
	} else if (S_ISREG(status.st_mode)) {
		put_file(cpio, name, path);
	} else if (S_ISDIR(status.st_mode)) {
		lab_cpio_directory(cpio, name);
		count = scandir(path, &list, NULL, alphasort);
		for (int i = 0; i < count; i++) {
			char below[2048], below_path[2048];

			if (strcmp(list[i]->d_name, ".") && strcmp(list[i]->d_name, "..") &&
			    snprintf(below, sizeof(below), "%s/%s", name, list[i]->d_name) <
				    (int)sizeof(below) &&
			    snprintf(below_path, sizeof(below_path), "%s/%s", path,
				     list[i]->d_name) < (int)sizeof(below_path))
				lab_cpio_tree(cpio, below, below_path);
			free(list[i]);
		}
		if (count >= 0)
			free(list);
	}
}

int lab_cpio_end(struct lab_cpio *cpio)
{
	cpio->inode = 0;
	entry(cpio, "TRAILER!!!", 0, NULL, 0);
	return cpio->error;
}
