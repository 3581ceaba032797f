/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * error.h - what went wrong, on what, and what to do about it.
 */
#ifndef SENSE_ERROR_H
#define SENSE_ERROR_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

/** The last failure of a libsense call in this thread. */
struct sense_error {
	int code;		/**< errno value, positive; 0 when nothing has failed yet */
	const char *sentence;	/**< one sentence, no full stop, no newline */
	const char *object;	/**< device, file, key or channel it is about; may be "" */
	const char *remedy;	/**< what the reader can do; may be "" */
};

/**
 * sense_error_last() - the last failure in the calling thread.
 *
 * Never NULL. The strings are valid until the next failing libsense call in
 * this thread. A call that succeeds leaves the last failure as it was.
 */
SENSE_API const struct sense_error *sense_error_last(void);

SENSE_END_DECLS

#endif
