/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the kernels this source builds for differ. Probed by type, not by
 * version number: distributions backport.
 */
#ifndef SENSE_COMPAT_H
#define SENSE_COMPAT_H

#include <linux/iio/buffer_impl.h>

/*
 * struct iio_buffer.attrs was an array of struct attribute before it became
 * one of struct iio_dev_attr; the two arrays name the same attributes.
 */
#define sense_buffer_attrs(plain, iio)						\
	__builtin_choose_expr(							\
		__builtin_types_compatible_p(typeof(((struct iio_buffer *)0)->attrs), \
					     const struct attribute **),	\
		(plain), (iio))

#endif /* SENSE_COMPAT_H */
