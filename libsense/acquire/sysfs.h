/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sysfs.h - attribute files as text, below a directory held open. A directory
 * held open stays that very device's: its number may be given to another one.
 */
#ifndef SENSE_ACQUIRE_SYSFS_H
#define SENSE_ACQUIRE_SYSFS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Whole attribute, final newline removed. Length or -errno without a note for
 * sense_error_last(): what a missing attribute means is the caller's to say.
 */
int sense_sysfs_read(int dir, const char *name, char *text, size_t size);
int sense_sysfs_read_i64(int dir, const char *name, int64_t *value);
/* 0 or -errno, without a note likewise. */
int sense_sysfs_write(int dir, const char *name, const char *text);
int sense_sysfs_write_u64(int dir, const char *name, uint64_t value);

#endif
