/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * latest.h - the newest calibrated value of every channel, for any thread.
 *
 * One thread publishes, round a ring of slots, and never waits. A reader
 * copies the newest slot and looks whether it was overtaken meanwhile: for
 * that the publisher must have gone round the whole ring, so a few tries are
 * enough, and after these the reader gives up rather than wait.
 */
#ifndef SENSE_PIPELINE_LATEST_H
#define SENSE_PIPELINE_LATEST_H

#include <sense/stream.h>
#include "base/frame.h"

struct sense_latest_values;

struct sense_latest_values *sense_latest_values_new(void);
void sense_latest_values_free(struct sense_latest_values *values);

/* The publishing thread: the last scan of a calibrated frame. */
void sense_latest_values_publish(struct sense_latest_values *values,
				 const struct sense_frame *frame);

/* Any thread: 0, or -EAGAIN when there is none yet. */
int sense_latest_values_get(const struct sense_latest_values *values, unsigned int channel,
			    struct sense_latest *latest);

#endif
