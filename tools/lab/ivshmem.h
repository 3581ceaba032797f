/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ivshmem.h - our end of QEMU's ivshmem-doorbell device: the server's half of the handshake
 * (QEMU docs/specs/ivshmem-spec), after which the shared memory is the device's BAR2, the
 * doorbells we listen to are eventfds, and so are the interrupts we raise.
 */
#ifndef LAB_IVSHMEM_H
#define LAB_IVSHMEM_H

#include <stddef.h>

#define LAB_IVSHMEM_VECTORS	4	/* QEMU's property vectors= */

struct lab_ivshmem {
	int socket;		/* connected to QEMU's chardev */
	int memory;		/* the register window */
	int bell[LAB_IVSHMEM_VECTORS];		/* the guest rings, we read */
	int interrupt[LAB_IVSHMEM_VECTORS];	/* we write, the guest is interrupted */
};

/*
 * Create the register window of size bytes (a power of two) and the event descriptors.
 * Returns 0 or -errno.
 */
int lab_ivshmem_open(struct lab_ivshmem *ivshmem, size_t size);
/* The handshake over a connected socket, which is then ours. Returns 0 or -errno. */
int lab_ivshmem_greet(struct lab_ivshmem *ivshmem, int socket);
void lab_ivshmem_raise(struct lab_ivshmem *ivshmem, unsigned int vector);
void lab_ivshmem_close(struct lab_ivshmem *ivshmem);

#endif
