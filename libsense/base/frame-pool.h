/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * frame-pool.h - a fixed set of frames.
 *
 * get() takes a free one (NULL when all are held) and clears nothing;
 * sense_frame_release() of a frame gives it back. Lock-free, any thread.
 * free() may come before frames still held: the last release frees the pool.
 */
#ifndef SENSE_BASE_FRAME_POOL_H
#define SENSE_BASE_FRAME_POOL_H

struct sense_frame;
struct sense_frame_pool;
struct sense_layout;

struct sense_frame_pool *sense_frame_pool_new(struct sense_layout *layout, unsigned int frames);
void sense_frame_pool_free(struct sense_frame_pool *pool);
struct sense_frame *sense_frame_pool_get(struct sense_frame_pool *pool);

/* For sense_frame_release() alone. */
void sense_frame_pool_put(struct sense_frame_pool *pool, struct sense_frame *frame);

#endif
