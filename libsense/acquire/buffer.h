/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * buffer.h - one kernel buffer of an IIO device: its file, and its directory
 * bufferN in sysfs.
 */
#ifndef SENSE_ACQUIRE_BUFFER_H
#define SENSE_ACQUIRE_BUFFER_H

#include <stdbool.h>

#include "acquire/demux.h"
#include "acquire/lost-ranges.h"

struct sense_device_info;

struct sense_buffer {
	char device_id[96];
	unsigned int index;
	int dir;			/* the device's sysfs directory */
	int fd;				/* the data; O_NONBLOCK */
	/* attributes read while it runs, -1 where there is none */
	int lost_ranges_fd;
	int first_sequence_fd;
	int last_sequence_fd;
	int data_available_fd;
	int uncertainty_fd;
	uint32_t length;		/* scans it can hold */
	char *text;			/* room for lost_ranges */
	struct sense_lost_ranges ranges;
};

/*
 * Take the buffer's file: -EBUSY when somebody else has it. A buffer found
 * enabled although nobody had its file is disabled, and *@reclaimed set.
 */
int sense_buffer_open(struct sense_buffer *buffer, const struct sense_device_info *info, int dir,
		      unsigned int index, bool *reclaimed);
void sense_buffer_close(struct sense_buffer *buffer);

/*
 * Enable the elements of the layout's channels, and with them everything that
 * says which scan it is, when, and how good; disable all others. Fills in where
 * each stands.
 */
int sense_buffer_select(struct sense_buffer *buffer, const struct sense_layout *layout,
			struct sense_scan_plan *plan);

/*
 * Length and watermark in scans. @exact: refuse what cannot be had, else take
 * less. Takes effect, and may turn out not to be had, at enable.
 */
int sense_buffer_set_length(struct sense_buffer *buffer, size_t scan_size, uint32_t scans,
			    uint32_t watermark, bool exact);

int sense_buffer_enable(struct sense_buffer *buffer, uint32_t watermark, bool exact);
int sense_buffer_disable(struct sense_buffer *buffer);

/* Whether the device has been removed. */
bool sense_buffer_is_gone(const struct sense_buffer *buffer);

/* What the kernel says now. No allocation. */
const struct sense_lost_ranges *sense_buffer_read_lost_ranges(struct sense_buffer *buffer,
							      uint64_t first, uint64_t end);
/* First and last scan that the device accounts for, since enable. */
bool sense_buffer_read_first_sequence(const struct sense_buffer *buffer, uint64_t *sequence);
bool sense_buffer_read_last_sequence(const struct sense_buffer *buffer, uint64_t *sequence);
uint32_t sense_buffer_read_fill(const struct sense_buffer *buffer);
/* Standard uncertainty of its timestamps, ns; NaN when it does not say. */
double sense_buffer_read_uncertainty(const struct sense_buffer *buffer);

#endif
