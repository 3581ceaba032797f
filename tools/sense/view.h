/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view.h - running statistics of a stream's channels, for eyes and for
 * intervals. Values are those of the calibrate stage where it ran, else the
 * linear scale. One thread takes frames in, another may look.
 */
#ifndef SENSE_VIEW_H
#define SENSE_VIEW_H

#include <stdint.h>

#include <sense/frame.h>

struct view;

struct view_numbers {
	uint64_t n;		/* samples with a value */
	uint64_t faults;	/* samples without: the fault bit, or outside the sensor's equation */
	uint64_t saturated;
	uint64_t outside;	/* the calibrated range, or the sensor's equation: then among faults */
	uint64_t expired;	/* samples of a calibration whose validity has ended */
	double mean, std, min, max;	/* NaN when n is 0; std from n - 1 */
};

/* @parts: a window consists of this many turns; 1 when window and turn are the same. */
struct view *view_new(struct sense_layout *layout, unsigned int parts);
void view_free(struct view *view);

/* Take at most @limit present scans of a frame in; returns how many. */
uint64_t view_take(struct view *view, const struct sense_frame *frame, uint64_t limit);
/* A turn is over: the oldest part of the window is forgotten. */
void view_turn(struct view *view);

struct sense_layout *view_get_layout(const struct view *view);
/* Unit of a channel's values; borrowed. */
const char *view_get_unit(struct view *view, unsigned int channel);
/* Newest value, NaN when it has none. */
double view_get_last(struct view *view, unsigned int channel);
/* Its standard uncertainty, in the value's unit; NaN where no calibration gives one. */
double view_get_last_u(struct view *view, unsigned int channel);
/* Frame flags and scan flags seen in the window, ORed. */
uint32_t view_get_frame_flags(struct view *view);
uint64_t view_get_scan_flags(struct view *view);
/* Over the window, or since the start. */
struct view_numbers view_get_window(struct view *view, unsigned int channel);
struct view_numbers view_get_total(struct view *view, unsigned int channel);

#endif
