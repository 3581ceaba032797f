/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * philox.h - the counter-based random generator Philox4x32-10.
 *
 * J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw: Parallel random numbers: as easy as 1, 2, 3,
 * SC11 (2011), section 4.2. A number is a function of (seed, stream, index) alone, so a Monte
 * Carlo result does not depend on how its trials were shared among threads. It passes BigCrush,
 * which GUM-S1 (JCGM 101:2008) C.3 asks of a generator by its predecessor test suites.
 */
#ifndef SENSE_CALIBRATE_PHILOX_H
#define SENSE_CALIBRATE_PHILOX_H

#include <stdint.h>

struct sense_philox {
	uint32_t word[4];
};

static inline struct sense_philox sense_philox(uint64_t key, const uint32_t counter[4])
{
	uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
	uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);

	for (int round = 0; round < 10; round++) {
		uint64_t a = (uint64_t)0xD2511F53 * c0;
		uint64_t b = (uint64_t)0xCD9E8D57 * c2;
		uint32_t n0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
		uint32_t n2 = (uint32_t)(a >> 32) ^ c3 ^ k1;

		c1 = (uint32_t)b;
		c3 = (uint32_t)a;
		c0 = n0;
		c2 = n2;
		k0 += 0x9E3779B9;
		k1 += 0xBB67AE85;
	}
	return (struct sense_philox){ { c0, c1, c2, c3 } };
}

/* A stream of doubles for one trial of one quantity. */
struct sense_random {
	uint64_t seed;
	uint32_t counter[4]; /* trial low, trial high, quantity, draw */
	struct sense_philox block;
	unsigned int left;
};

static inline struct sense_random sense_random_at(uint64_t seed, uint32_t quantity, uint64_t trial)
{
	return (struct sense_random){
		.seed = seed, .counter = { (uint32_t)trial, (uint32_t)(trial >> 32), quantity, 0 }
	};
}

/* In the open interval (0, 1), on a grid of 2^-52. */
static inline double sense_random_uniform(struct sense_random *r)
{
	uint64_t bits;

	if (r->left == 0) {
		r->block = sense_philox(r->seed, r->counter);
		r->counter[3]++;
		r->left = 2;
	}
	r->left--;
	bits = (uint64_t)r->block.word[2 * r->left] << 32 | r->block.word[2 * r->left + 1];
	return ((double)(bits >> 12) + 0.5) * 0x1p-52;
}

#endif
