/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Driver for PCIe acquisition cards with the Sense card interface: what its
 * files share. sense-card.h is the interface itself.
 *
 * Order of locks: the IIO core's mlock, output_lock, command_lock, drain_lock.
 */
#ifndef SENSE_PCIE_H
#define SENSE_PCIE_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/iio/buffer_impl.h>
#include <linux/iio/iio.h>
#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "sense-card.h"

struct sense_pcie;

/* Scan elements that follow the card's channels. */
enum sense_element {
	SENSE_ELEMENT_SEQUENCE,
	SENSE_ELEMENT_COUNTER,
	SENSE_ELEMENT_FAULT,
	SENSE_ELEMENT_SATURATION,
	SENSE_ELEMENT_FLAGS,
	SENSE_ELEMENTS
};

/* What the driver counts itself; the card's own counters stand in its status block. */
enum sense_error {
	SENSE_ERROR_PRODUCER,		/* producer index backwards or beyond the ring */
	SENSE_ERROR_SEQUENCE,		/* scan refused: its sequence number cannot be */
	SENSE_ERROR_COUNTER,		/* counter stood still, ran backwards or leapt */
	SENSE_ERROR_GUARD,		/* the card wrote beyond the ring */
	SENSE_ERROR_COMMAND,		/* the card answered a command with an error */
	SENSE_ERROR_TIMEOUT,		/* the card did not answer a command in time */
	SENSE_ERROR_INTERRUPT,		/* scans were waiting and no interrupt had come */
	SENSE_ERROR_PRODUCED,		/* the card's count of scans cannot be */
	SENSE_ERROR_FAILED,		/* the card failed while running */
	SENSE_ERROR_BACKSTOP,		/* the card missed a watchdog expiry, the driver did not */
	SENSE_ERRORS
};

extern const char * const sense_error_names[SENSE_ERRORS];

/**
 * struct sense_transport - how a kind of card is reached over PCI
 * @name: for messages
 * @window_bar: BAR of the register window
 * @bell_bar: BAR of the doorbells
 * @ring: ring a doorbell
 */
struct sense_transport {
	const char *name;
	u8 window_bar;
	u8 bell_bar;
	void (*ring)(struct sense_pcie *st, enum sense_card_doorbell bell);
};

/* An exact number: num / den, den positive, in lowest terms. */
struct sense_rational {
	s64 num;
	s64 den;
};

/* One entry of the channel table, checked and in the IIO unit of its type. */
struct sense_channel {
	const struct sense_kind *kind;	/* NULL: unknown to this driver, not offered */
	struct sense_rational scale;
	struct sense_rational offset;
	int range[3];			/* min, step, max: raw_available */
	u32 group;
	u16 modifier;
	u8 bits;
	bool is_signed;
	char label[33];
};

enum sense_lease {
	SENSE_LEASE_RELEASED,
	SENSE_LEASE_ARMED,
	SENSE_LEASE_EXPIRED,
};

/* One entry of the output table, checked, and the lease on it. */
struct sense_output {
	struct sense_pcie *st;
	unsigned int index;		/* in the table */
	unsigned int number;		/* of the IIO channel */
	u16 kind;			/* 0: unknown to this driver, not offered */
	struct sense_rational scale;
	int range[3];
	s32 safe;
	u32 slew;
	u32 watchdog_min_ms;
	u32 watchdog_max_ms;
	char label[33];

	/* protected by output_lock */
	enum sense_lease lease;
	struct pid *owner;		/* referenced while armed */
	u32 period_ms;
	s32 target;			/* last commanded */
	u32 feed;
	u32 arm;
	u32 expired;			/* the card's count when armed */
	unsigned long deadline;		/* jiffies, of the backstop */
	struct delayed_work backstop;
};

/* Who or what lost a run of scans. */
enum sense_cause {
	SENSE_CAUSE_CARD,		/* the ring was full: the card dropped them */
	SENSE_CAUSE_KERNEL,		/* the kernel buffer was full and refused them */
	SENSE_CAUSE_CORRUPT,		/* what stood in the ring could not be believed */
	SENSE_CAUSES
};

#define SENSE_LOST_RANGES	4096

struct sense_lost_range {
	u64 first;
	u64 count;
	enum sense_cause cause;
};

/* Scans between one writer and one reader: sense-pcie-fifo.c */
struct sense_fifo {
	struct mutex read_lock;		/* one reader; the memory while he reads */
	u8 *data;
	size_t bytes;			/* per scan */
	u32 length;			/* scans */
	u32 in;				/* the writer's slot */
	u32 out;			/* the reader's slot */
	u64 written;			/* scans since the ring was emptied */
	u64 taken;
};

/*
 * An IIO buffer with its memory and its accounting. Lives in the IIO device's
 * private data, which outlives every reader. The accounting is protected by
 * drain_lock.
 */
struct sense_buffer {
	struct sense_pcie *st;
	struct iio_buffer *buffer;	/* IIO's kfifo, of which only the shell is used */
	const struct iio_buffer_access_funcs *inner;
	struct iio_buffer_access_funcs access;
	struct sense_fifo fifo;
	bool fresh;			/* being enabled: the accounting starts anew */
	bool active;
	u64 first;			/* first sequence number accounted for */
	u64 end;			/* one past the last; of use when not active */
	u64 stored;
	u64 lost[SENSE_CAUSES];
	u64 ranges;			/* runs since enable; [released, ranges) are kept */
	u64 released;
	u64 dropped;			/* released unread, for want of room */
	struct sense_lost_range *range;	/* SENSE_LOST_RANGES */
};

#define SENSE_BUFFERS		2	/* 0: record, 1: loop */

/* The largest scan that can be pushed: all channels, the elements, the time. */
#define SENSE_SCAN_MAX	(SENSE_CARD_MAX_CHANNELS * 4 + SENSE_ELEMENTS * 8 + 8)

/* One piece of the way from a scan in the ring to the scan that is pushed. */
struct sense_copy {
	u16 from;
	u16 to;
	u16 length;
};

/* Protected by drain_lock, but for what is fixed at probe. */
struct sense_ring {
	void *scans;			/* fixed: entries * stride bytes, a guard, the index */
	dma_addr_t scans_dma;
	__le64 *guard;
	struct sense_card_index *index;
	dma_addr_t index_dma;
	u32 entries;
	u32 stride;

	bool running;			/* the card has been started */
	bool pushing;			/* the buffers take scans */
	bool failed;			/* said: the card is in its failed state */
	bool tainted;			/* something was skipped since the last good scan */
	u64 consumer;
	u64 bell;			/* consumer when the doorbell was last rung */
	u64 expected;			/* next sequence number */
	u64 produced_before;		/* the card's scans_produced at START */
	u64 produced_after;		/* and when it had stopped */
	u64 high_water;			/* most scans seen waiting */
	u64 taken;			/* scans taken from the ring since START */
	unsigned int producer_bad;	/* looks in a row that found an impossible producer */
	unsigned int suspect;		/* scans in a row that continue suspect_next */
	u64 suspect_next;
	unsigned int counter_bad;	/* counters in a row that could not be */
	u64 counter;			/* of the last scan */
	s64 time;			/* of the last scan */

	unsigned int copies;
	struct sense_copy copy[SENSE_CARD_MAX_CHANNELS + SENSE_ELEMENTS];
	int to_sequence;		/* places in the pushed scan, or -1 */
	int to_flags;
	u64 pushed;			/* sequence number being pushed */
	u8 scan[SENSE_SCAN_MAX] __aligned(8);

	bool newest_valid;
	ktime_t newest_at;
	u64 newest[(SENSE_CARD_SCAN_HEADER + SENSE_CARD_MAX_CHANNELS * 4) / 8];
};

/* A counter value and its time. */
struct sense_instant {
	u64 counter;
	s64 time;
};

/*
 * The card's counter on the IIO clock: time = time0 + (counter - counter0) *
 * (1 + slope / 2^32). The line is protected by drain_lock, the rest belongs to
 * the one who latches (clock work, or the stream's start before it).
 */
struct sense_clock {
	struct delayed_work work;
	clockid_t id;
	bool valid;
	u64 counter0;
	s64 time0;
	s64 slope;
	s64 drift;			/* counter against clock, 2^-32 */
	bool drift_known;
	struct sense_instant anchor[2];	/* of the baseline that gives the drift */
	u64 latch_counter;		/* last correlation */
	s64 latch_time;
	s64 bracket;			/* its width, ns */
	s64 residual;			/* measured less predicted, ns */
	u64 steps;			/* times the clock was found to have jumped */
	u64 latches;
};

struct sense_rate {
	u32 num;
	u32 den;
};

struct sense_pcie {
	struct pci_dev *pdev;
	struct device *dev;
	struct iio_dev *indio_dev;
	const struct sense_transport *transport;
	void __iomem *window;
	void __iomem *bells;
	resource_size_t window_size;
	bool gone;			/* surprise removal; set once */
	bool removing;			/* no new lease, no restart; under output_lock */

	/* identity, fixed at probe */
	struct sense_card_identity identity;
	char vendor[33];
	char model[33];
	char serial[33];
	char label[68];
	u64 capabilities;
	unsigned int num_channels;	/* in the table, unknown ones included */
	struct sense_channel *channels;
	unsigned int num_outputs;
	struct sense_output *outputs;
	unsigned int num_rates;
	struct sense_rate rates[SENSE_CARD_MAX_RATES];
	int rates_available[SENSE_CARD_MAX_RATES * 2];

	/* sense-pcie-command.c */
	struct mutex command_lock;	/* the command block of the card */
	struct completion command_done;
	u32 command_sequence;
	u32 command_timeout_ms;

	/* sense-pcie-ring.c */
	struct mutex drain_lock;	/* ring, buffers' accounting, the clock's line */
	struct sense_ring ring;
	struct delayed_work poll;
	bool polled;			/* overload: the work drains, interrupts do not */
	atomic64_t interrupts;

	/* stream settings and state, under the IIO core's mlock */
	struct sense_buffer buffers[SENSE_BUFFERS];
	bool inserting;			/* a buffer is being added: the card keeps running */
	unsigned int rate;
	u32 watermark;
	u32 flush_us;

	struct sense_clock clock;
	struct mutex output_lock;	/* leases and output blocks */
	atomic64_t errors[SENSE_ERRORS];
	u32 self_test;
	int self_test_result;
};

static inline void sense_count(struct sense_pcie *st, enum sense_error error)
{
	atomic64_inc(&st->errors[error]);
}

/* sense-pcie-table.c */

/**
 * struct sense_kind - what the driver knows about a kind of channel
 * @name: as userspace sees it; of PM channels the modifier's name counts
 * @unit: the unit the card must state
 * @type: IIO channel type
 * @modifier: IIO modifier, or IIO_NO_MOD
 * @num: the card's unit in the unit of the IIO type, numerator
 * @den: and denominator
 */
struct sense_kind {
	const char *name;
	enum sense_card_unit unit;
	enum iio_chan_type type;
	enum iio_modifier modifier;
	u32 num;
	u32 den;
};

int sense_table_read(struct sense_pcie *st);
int sense_table_recheck(struct sense_pcie *st);
ssize_t sense_rational_emit(char *buf, const struct sense_rational *value);

/* sense-pcie-command.c */
bool sense_gone(struct sense_pcie *st);
int sense_command(struct sense_pcie *st, enum sense_card_command command, u64 argument);
int sense_command_start(struct sense_pcie *st, u32 watermark);
int sense_command_watermark(struct sense_pcie *st, u32 watermark);
int sense_command_latch(struct sense_pcie *st, clockid_t id, u64 *counter, s64 *before,
			s64 *after);
int sense_command_reset(struct sense_pcie *st);
void sense_command_init(struct sense_pcie *st);

/* sense-pcie-ring.c */
int sense_ring_init(struct sense_pcie *st);
int sense_ring_single(struct sense_pcie *st);
int sense_ring_newest(struct sense_pcie *st, unsigned int channel, u32 *raw);
int sense_ring_prepare(struct sense_pcie *st);
int sense_ring_start(struct sense_pcie *st);
void sense_ring_pause(struct sense_pcie *st);
void sense_ring_stop(struct sense_pcie *st);
void sense_ring_resume(struct sense_pcie *st);
u64 sense_ring_fill(struct sense_pcie *st);
u64 sense_rate_period_ns(struct sense_pcie *st);
irqreturn_t sense_ring_interrupt(int irq, void *data);
irqreturn_t sense_ring_thread(int irq, void *data);

/* sense-pcie-buffer.c */
extern const char * const sense_cause_names[SENSE_CAUSES];
int sense_buffer_init(struct sense_pcie *st);
void sense_buffer_lost(struct sense_buffer *sb, u64 first, u64 count, enum sense_cause cause);
void sense_buffers_lost(struct sense_pcie *st, u64 first, u64 count, enum sense_cause cause);

/* sense-pcie-fifo.c */
void sense_fifo_init(struct sense_fifo *fifo);
int sense_fifo_resize(struct sense_fifo *fifo, u32 length, size_t bytes);
bool sense_fifo_put(struct sense_fifo *fifo, const void *scan);
size_t sense_fifo_available(struct sense_fifo *fifo);
int sense_fifo_read(struct sense_fifo *fifo, size_t n, char __user *to);
void sense_fifo_free(struct sense_fifo *fifo);

/* sense-pcie-attr.c */
extern const struct attribute_group sense_device_group;
extern const struct iio_dev_attr *sense_buffer_iio_attrs[];
extern const struct attribute *sense_buffer_plain_attrs[];
void sense_attr_init(void);
int sense_parse_seconds(const char *text, u32 unit_ns, u64 *units);

/* sense-pcie-iio.c */
int sense_iio_init(struct sense_pcie *st);

/* sense-pcie-clock.c */
s64 sense_clock_now(clockid_t id);
void sense_clock_init(struct sense_pcie *st);
int sense_clock_start(struct sense_pcie *st);
void sense_clock_stop(struct sense_pcie *st);
s64 sense_clock_map(const struct sense_clock *clock, u64 counter);
s64 sense_clock_uncertainty_ns(struct sense_pcie *st);

/* sense-pcie-output.c */
extern const struct iio_chan_spec_ext_info sense_output_ext_info[];
void sense_output_init(struct sense_pcie *st);
void sense_output_event(struct sense_pcie *st);
void sense_output_safe_all(struct sense_pcie *st);
void sense_output_cancel(struct sense_pcie *st);
int sense_output_write(struct sense_pcie *st, unsigned int index, s32 value);
int sense_output_read(struct sense_pcie *st, unsigned int index, int *value);

/* sense-pcie-debugfs.c */
void sense_debugfs_init(struct sense_pcie *st);
int sense_debugfs_reg_access(struct iio_dev *indio_dev, unsigned int reg, unsigned int writeval,
			     unsigned int *readval);

#endif /* SENSE_PCIE_H */
