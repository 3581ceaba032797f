// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * control.c - how "sense-lab fault" reaches a lab: from the host over a socket in a directory of
 * the user's own, from inside the guest over a virtio serial port.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "channel.h"
#include "lab.h"

static int directory(char *path, size_t size)
{
	struct stat status;

	snprintf(path, size, "/tmp/sense-lab-%u", (unsigned int)geteuid());
	if (mkdir(path, 0700) && errno != EEXIST)
		return -errno;
	/* Somebody else may have been first: then it is not ours to trust. */
	if (lstat(path, &status) || !S_ISDIR(status.st_mode) || status.st_uid != geteuid() ||
	    (status.st_mode & 077))
		return -EPERM;
	return 0;
}

static int unix_socket(const char *path, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address->sun_path, path);
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

int lab_control_listen(const char *name, char *path, size_t size)
{
	struct sockaddr_un address;
	char where[64];
	int fd, error = directory(where, sizeof(where));

	if (error)
		return error;
	snprintf(path, size, "%s/%s.sock", where, name);
	fd = unix_socket(path, &address);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		return -EADDRINUSE;
	}
	unlink(path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 4)) {
		error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

/* The port inside a guest, or -1. */
static int guest_port(void)
{
	struct dirent *entry;
	DIR *dir = opendir("/sys/class/virtio-ports");
	int fd = -1;

	while (dir && fd < 0 && (entry = readdir(dir))) {
		char path[320], name[64] = "";
		FILE *file;

		snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", entry->d_name);
		file = fopen(path, "re");
		if (file && fgets(name, sizeof(name), file) &&
		    !strncmp(name, LAB_PORT_CONTROL "\n", sizeof(LAB_PORT_CONTROL))) {
			snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
			/* The port has one user at a time. */
			for (int tries = 0; tries < 200 && fd < 0; tries++) {
				fd = open(path, O_RDWR | O_CLOEXEC);
				if (fd < 0)
					usleep(10000);
			}
		}
		if (file)
			fclose(file);
	}
	if (dir)
		closedir(dir);
	return fd;
}

static int host_socket(const char *name)
{
	struct sockaddr_un address;
	char where[64], path[400];
	struct dirent *entry;
	int fd = -1, found = 0;
	DIR *dir;

	if (directory(where, sizeof(where)))
		return -1;
	dir = opendir(where);
	while (dir && (entry = readdir(dir))) {
		char *dot = strstr(entry->d_name, ".sock");
		int candidate;

		if (!dot || (name && (strlen(name) != (size_t)(dot - entry->d_name) ||
				      strncmp(name, entry->d_name, strlen(name)))))
			continue;
		snprintf(path, sizeof(path), "%s/%s", where, entry->d_name);
		candidate = unix_socket(path, &address);
		if (candidate < 0)
			continue;
		if (connect(candidate, (struct sockaddr *)&address, sizeof(address))) {
			if (errno == ECONNREFUSED)
				unlink(path);	/* left behind by a lab that was killed */
			close(candidate);
			continue;
		}
		found++;
		if (fd >= 0)
			close(fd);
		fd = candidate;
	}
	if (dir)
		closedir(dir);
	if (found > 1) {
		lab_say("%d labs are running; say which by --name", found);
		close(fd);
		return -2;
	}
	return fd;
}

int lab_control_ask(const char *name, const char *request, FILE *out)
{
	char *answer = NULL, line[1024];
	size_t have = 0, room = 0;
	int fd = guest_port();

	if (fd < 0)
		fd = host_socket(name);
	if (fd < 0) {
		if (fd == -1)
			lab_say("no lab is running here%s%s; start one with 'sense-lab run' or "
				"'sense-lab shell'", name ? " under the name " : "", name ? name : "");
		return LAB_NO_DEVICE;
	}
	snprintf(line, sizeof(line), "%s\n", request);
	if (write(fd, line, strlen(line)) != (ssize_t)strlen(line)) {
		lab_say("the lab does not listen: %s", strerror(errno));
		close(fd);
		return LAB_ENVIRONMENT;
	}
	for (;;) {
		ssize_t n;

		if (have + 65536 > room) {
			char *larger = realloc(answer, room + 262144);

			if (!larger)
				break;
			answer = larger;
			room += 262144;
		}
		n = read(fd, answer + have, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		have += (size_t)n;
		if (memchr(answer + have - n, '\n', (size_t)n))
			break;
	}
	close(fd);
	if (!have) {
		lab_say("the lab gave no answer");
		free(answer);
		return LAB_ENVIRONMENT;
	}
	if (have > 6 && !strncmp(answer, "error ", 6)) {
		lab_say("%.*s", (int)strcspn(answer + 6, "\n"), answer + 6);
		free(answer);
		return LAB_USAGE;
	}
	if (strncmp(answer, "ok\n", have < 3 ? have : 3))
		fwrite(answer, 1, have, out);
	free(answer);
	return LAB_OK;
}
