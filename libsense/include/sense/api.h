/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * api.h - what every public header needs: linkage and visibility.
 *
 * Conventions of the whole library:
 *
 *  - Types are opaque. An *info* is an immutable snapshot, a *config* is
 *    mutable and copied when used, a *stream*, *record* or *pipeline* is live.
 *  - A function returns 0 or a positive result, or -errno; one that returns a
 *    pointer returns NULL. Either way sense_error_last() says what happened,
 *    to what, and what to do about it.
 *  - Getters cannot fail. Destructors accept NULL.
 *  - "Borrowed" means valid as long as the object it came from; "owned" means
 *    the caller frees it with the function named.
 *  - Timeouts are int64_t nanoseconds: 0 does not wait, negative waits forever.
 *  - Times are int64_t nanoseconds of TAI since 1970-01-01 00:00:00 TAI unless
 *    a name says otherwise. Units are in names: _ns, _hz, _degC, _ohm.
 *  - Distinct objects may be used from distinct threads. One object is used
 *    by one thread at a time, unless its functions say more.
 */
#ifndef SENSE_API_H
#define SENSE_API_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define SENSE_BEGIN_DECLS extern "C" {
#define SENSE_END_DECLS }
#else
#define SENSE_BEGIN_DECLS
#define SENSE_END_DECLS
#endif

#define SENSE_API __attribute__((visibility("default")))
#define SENSE_CHECK_RESULT __attribute__((warn_unused_result))
#define SENSE_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/** No sequence number: for events that belong to no scan. */
#define SENSE_SEQUENCE_NONE UINT64_MAX

#endif
