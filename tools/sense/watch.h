/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch.h - which kernel buffer to look through without being in anybody's way.
 */
#ifndef SENSE_WATCH_H
#define SENSE_WATCH_H

#include <sense/stream.h>

/*
 * Choose the buffer (-1 for @buffer: the second where there is one, so that a recording
 * goes on) and its length. The loop's defaults are for a loop: somebody who watches may be
 * late by a second. @rate_hz: 0 for the present one. Returns the buffer.
 */
int watch_configure(struct sense_stream_config *config, struct sense_device *device, int buffer,
		    double rate_hz);

#endif
