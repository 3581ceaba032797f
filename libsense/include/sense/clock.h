/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * clock.h - TAI, and how far this machine can be believed about it.
 */
#ifndef SENSE_CLOCK_H
#define SENSE_CLOCK_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

struct sense_clock_state {
	int32_t tai_offset_s;	/**< TAI - UTC as the kernel has it; 0 means nobody set it */
	int32_t synchronised;	/**< 1 when the kernel's clock is disciplined (no STA_UNSYNC) */
	int64_t max_error_ns;	/**< the kernel's own bound on the error */
};

/** sense_clock_get_state() - read adjtimex(2). 0 or -errno. One system call; not for the hot path. */
SENSE_API int sense_clock_get_state(struct sense_clock_state *state);

/** sense_clock_now_ns() - CLOCK_TAI in ns. */
SENSE_API int64_t sense_clock_now_ns(void);

/**
 * sense_clock_format() - "2026-11-20T12:34:56.123456789Z", UTC, from TAI.
 * @tai_offset_s: TAI - UTC to subtract; @text holds at least 32 bytes. Returns @text.
 */
SENSE_API char *sense_clock_format(int64_t tai_ns, int32_t tai_offset_s, char text[32]);

SENSE_END_DECLS

#endif
