// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the record goes, and how long that lasts. */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <linux/magic.h>

#include <sense/config.h>
#include <sense/error.h>

#include "doctor.h"
#include "text.h"

#define CIFS_MAGIC	0xff534d42
#define SMB2_MAGIC	0xfe534d42

static void file_system(struct doctor *doctor, const char *directory)
{
	struct statfs fs;

	if (statfs(directory, &fs))
		return;
	switch ((unsigned int)fs.f_type) {
	case TMPFS_MAGIC:
	case RAMFS_MAGIC:
		doctor_find(doctor, GRADE_WARNING, "storage.kind", "record to a disk",
			    "%s is in memory: what is recorded there does not survive power loss",
			    directory);
		break;
	case NFS_SUPER_MAGIC:
	case CIFS_MAGIC:
	case SMB2_MAGIC:
		doctor_find(doctor, GRADE_ERROR, "storage.kind",
			    "record to a local disk and copy closed records",
			    "%s is a network share, where SQLite's write-ahead log does not work",
			    directory);
		break;
	case V9FS_MAGIC:
		doctor_find(doctor, GRADE_WARNING, "storage.kind",
			    "record to a disk of the virtual machine",
			    "%s is shared by 9p, which cannot promise durability", directory);
		break;
	default:
		break;
	}
}

void doctor_storage(struct doctor *doctor, const char *config_path, const char *directory)
{
	struct sense_config *config = NULL;
	double per_day = 0, free_bytes;
	char *copy = NULL, *whole, a[32], b[32];
	struct statvfs fs;

	if (config_path) {
		config = sense_config_load(config_path);
		if (!config) {
			doctor_find(doctor, GRADE_ERROR, "config",
				    "'sense config check FILE' lists everything that is wrong",
				    "%s: %s", sense_error_last()->object,
				    sense_error_last()->sentence);
		} else {
			per_day = sense_config_get_bytes_per_day(config);
			if (!directory && *sense_config_get_record_path(config)) {
				copy = strdup(sense_config_get_record_path(config));
				directory = dirname(copy);
			}
		}
	}
	whole = realpath(directory ? directory : ".", NULL);
	if (whole)
		directory = whole;

	if (statvfs(directory, &fs)) {
		doctor_find(doctor, GRADE_ERROR, "storage", "make the folder, or name another",
			    "records cannot go to %s: %s", directory, strerror(errno));
	} else {
		file_system(doctor, directory);
		if (access(directory, W_OK) != 0)
			doctor_find(doctor, GRADE_ERROR, "storage",
				    "name a folder of your own with --directory",
				    "this user cannot write in %s: %s", directory, strerror(errno));
		free_bytes = (double)fs.f_bavail * (double)fs.f_frsize;
		text_bytes(free_bytes, a, sizeof(a));
		if (per_day > 0)
			doctor_find(doctor,
				    free_bytes < per_day	? GRADE_ERROR :
				    free_bytes < 7 * per_day	? GRADE_WARNING :
								  GRADE_OK,
				    "storage.room",
				    free_bytes < 7 * per_day ?
					    "make room, lower the rate, or record fewer channels" :
					    NULL,
				    "%s free in %s, %s a day: %.1f days", a, directory,
				    text_bytes(per_day, b, sizeof(b)), free_bytes / per_day);
		else if (free_bytes < 1e9)
			doctor_find(doctor, GRADE_WARNING, "storage.room",
				    "make room before a long recording", "only %s free in %s", a,
				    directory);
		else
			doctor_find(doctor, GRADE_OK, "storage.room", NULL, "%s free in %s", a,
				    directory);
	}
	free(whole);
	free(copy);
	sense_config_free(config);
}
