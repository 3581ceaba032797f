/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * power-vfs.h - an SQLite VFS named "power": a disk in memory that forgets.
 *
 * A write is visible at once and durable only once its file was synced. When
 * the power fails, every sector of every write since then is there or not,
 * each for itself: later ones may survive where earlier ones do not. The same
 * holds for changes of a file's length, and for names in the directory, which
 * are durable once the directory was synced (as SQLite's own VFS does at the
 * first sync of a log or journal it has made).
 */
#ifndef POWER_VFS_H
#define POWER_VFS_H

#include <stdint.h>

/* An empty disk under power. Registers the VFS at the first call. */
void power_reset(void);
/* From now on a sync reports success and does nothing, as some disks do. */
void power_set_lying(int lying);
/* Writes beyond this many bytes in all files fail with "disk full"; 0: no limit. */
void power_set_capacity(uint64_t bytes);
/* The power fails at the @operation-th operation that changes something, counted from 1. */
void power_fail_at(uint64_t operation);
uint64_t power_operations(void);
int power_is_off(void);
/* What the disk holds afterwards, drawn by @seed: written as files into @directory. */
int power_leave(const char *directory, uint64_t seed);

#endif
