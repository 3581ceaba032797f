// SPDX-License-Identifier: GPL-2.0-or-later
#include "ivshmem.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define GUEST	0	/* peer numbers */
#define CARD	1

int lab_ivshmem_open(struct lab_ivshmem *ivshmem, size_t size)
{
	ivshmem->socket = -1;
	for (int i = 0; i < LAB_IVSHMEM_VECTORS; i++)
		ivshmem->bell[i] = ivshmem->interrupt[i] = -1;
	ivshmem->memory = memfd_create("sense-card", MFD_CLOEXEC);
	if (ivshmem->memory < 0)
		return -errno;
	if (ftruncate(ivshmem->memory, (off_t)size))
		return -errno;
	for (int i = 0; i < LAB_IVSHMEM_VECTORS; i++) {
		ivshmem->bell[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		ivshmem->interrupt[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (ivshmem->bell[i] < 0 || ivshmem->interrupt[i] < 0)
			return -errno;
	}
	return 0;
}

/* One message: an int64, little endian, with a descriptor or without. */
static int say(int socket, int64_t value, int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec data = { &value, sizeof(value) };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };

	if (fd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL) == sizeof(value) ? 0 : -errno;
}

int lab_ivshmem_greet(struct lab_ivshmem *ivshmem, int socket)
{
	int error = say(socket, 0, -1);		/* protocol version */

	if (!error)
		error = say(socket, GUEST, -1);	/* the guest's own number */
	if (!error)
		error = say(socket, -1, ivshmem->memory);
	for (int i = 0; i < LAB_IVSHMEM_VECTORS && !error; i++)
		error = say(socket, CARD, ivshmem->bell[i]);
	for (int i = 0; i < LAB_IVSHMEM_VECTORS && !error; i++)
		error = say(socket, GUEST, ivshmem->interrupt[i]);
	if (ivshmem->socket >= 0)
		close(ivshmem->socket);
	ivshmem->socket = socket;
	return error;
}

void lab_ivshmem_raise(struct lab_ivshmem *ivshmem, unsigned int vector)
{
	if (vector < LAB_IVSHMEM_VECTORS)
		eventfd_write(ivshmem->interrupt[vector], 1);
}

void lab_ivshmem_close(struct lab_ivshmem *ivshmem)
{
	for (int i = 0; i < LAB_IVSHMEM_VECTORS; i++) {
		if (ivshmem->bell[i] >= 0)
			close(ivshmem->bell[i]);
		if (ivshmem->interrupt[i] >= 0)
			close(ivshmem->interrupt[i]);
	}
	if (ivshmem->memory >= 0)
		close(ivshmem->memory);
	if (ivshmem->socket >= 0)
		close(ivshmem->socket);
}
