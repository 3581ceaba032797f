/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cpio.h - write a "newc" archive, the form the kernel unpacks as an initramfs
 * (Documentation/driver-api/early-userspace/buffer-format.rst). Archives may be concatenated.
 */
#ifndef LAB_CPIO_H
#define LAB_CPIO_H

#include <stddef.h>

struct lab_cpio {
	int fd;
	int error;		/* first -errno met; later calls do nothing */
	unsigned int inode;
};

void lab_cpio_start(struct lab_cpio *cpio, int fd);
/* Names are relative to the root, without a leading slash. */
void lab_cpio_directory(struct lab_cpio *cpio, const char *name);
void lab_cpio_text(struct lab_cpio *cpio, const char *name, unsigned int mode, const char *text);
void lab_cpio_file(struct lab_cpio *cpio, const char *name, const char *path);
/* A path on the host with everything below it; what is absent or unreadable is left out. */
void lab_cpio_tree(struct lab_cpio *cpio, const char *name, const char *path);
int lab_cpio_end(struct lab_cpio *cpio);

#endif
