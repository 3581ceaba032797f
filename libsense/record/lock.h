/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lock.h - one writer of a record at a time.
 */
#ifndef SENSE_RECORD_LOCK_H
#define SENSE_RECORD_LOCK_H

/*
 * Lock "PATH-lock", which holds the writer's process id. The lock dies with
 * the process, however it ends. A descriptor, or -EBUSY, -errno with an error.
 */
int sense_record_lock(const char *path);
/* Remove the file and let go. */
void sense_record_unlock(const char *path, int fd);

#endif
