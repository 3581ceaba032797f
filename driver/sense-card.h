/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The Sense card interface, version 1.0: the registers, tables and DMA
 * structures of a PCIe acquisition card. Documentation/card-interface.md is
 * the specification for designers; this header is its machine-readable half,
 * shared by the driver and by the virtual card of the lab.
 *
 * Rules that hold everywhere:
 *  - every field is little endian and naturally aligned;
 *  - registers have plain-memory semantics: a read has no side effect, and
 *    what the host writes means nothing to the card until the host rings a
 *    doorbell. A card whose registers are RAM and a card whose registers are
 *    flip-flops therefore behave alike;
 *  - tables are guarded by CRC-32 (IEEE 802.3, as zlib's crc32());
 *  - strings are UTF-8, padded with zeros, not necessarily terminated;
 *  - reserved fields are written as zero and ignored when read.
 *
 * Version rule: a driver refuses a card of another major version. A higher
 * minor version only appends: to the blocks (in their reserved space), to the
 * entries of a table (the stride says how long an entry is) and to the
 * enumerations, whose unknown values a driver skips with a message.
 */
#ifndef SENSE_CARD_H
#define SENSE_CARD_H

#include <linux/types.h>

#define SENSE_CARD_MAGIC		0x4452414345534e53ULL	/* "SNSECARD" */
#define SENSE_CARD_MAJOR		1
#define SENSE_CARD_MINOR		0

#define SENSE_CARD_MAX_CHANNELS		64
#define SENSE_CARD_MAX_OUTPUTS		8
#define SENSE_CARD_MAX_RATES		16
#define SENSE_CARD_MAX_ENTRIES		65536	/* scans in the DMA ring */
#define SENSE_CARD_MIN_WINDOW		0x8000	/* bytes of register window */

/* Offsets of the fixed blocks in the register window. */
#define SENSE_CARD_IDENTITY		0x0000
#define SENSE_CARD_CONTROL		0x0400
#define SENSE_CARD_STATUS		0x0800
#define SENSE_CARD_OUTPUT		0x0c00	/* SENSE_CARD_MAX_OUTPUTS of them */
#define SENSE_CARD_DOORBELL		0x0e00	/* __le32 per doorbell, native transport */

/*
 * Doorbells: one vector of the host-to-card direction each. On a card with a
 * PCI id of its own, BAR 0 is the register window and any write to word n of
 * SENSE_CARD_DOORBELL rings doorbell n. Another transport (ivshmem-doorbell of
 * the virtual lab: window in BAR 2, doorbells in BAR 0) may ring differently.
 */
enum sense_card_doorbell {
	SENSE_CARD_BELL_COMMAND		= 0,	/* the command block is filled in */
	SENSE_CARD_BELL_OUTPUT		= 1,	/* an output block has changed */
	SENSE_CARD_BELL_CONSUMER	= 2,	/* the consumer index has moved (optional) */
};

/* MSI-X vectors: card to host. */
enum sense_card_vector {
	SENSE_CARD_VECTOR_DATA		= 0,	/* the producer passed the watermark */
	SENSE_CARD_VECTOR_EVENT		= 1,	/* command done, state or output changed */
	SENSE_CARD_VECTOR_ERROR		= 2,	/* an error counter has moved */
	SENSE_CARD_VECTORS
};

/* Capabilities: identity.capabilities */
#define SENSE_CARD_CAP_LATCH		(1ULL << 0)	/* the counter can be latched */
#define SENSE_CARD_CAP_OUTPUTS		(1ULL << 1)	/* has actuator outputs */
#define SENSE_CARD_CAP_SELF_TEST	(1ULL << 2)
#define SENSE_CARD_CAP_TEST_DATA	(1ULL << 3)	/* can send a test pattern */
#define SENSE_CARD_CAP_FIRMWARE		(1ULL << 4)	/* firmware block is valid */
#define SENSE_CARD_CAP_SIMULATED	(1ULL << 63)	/* this card is a model, not hardware */

/* Where a table stands: offset into the register window, and its guard. */
struct sense_card_table {
	__le32 offset;		/* bytes from the start of the window, multiple of 8 */
	__le32 count;		/* entries */
	__le32 stride;		/* bytes per entry, multiple of 8, >= the entry of 1.0 */
	__le32 crc;		/* CRC-32 of count * stride bytes */
};

/*
 * Identity block, read only, at SENSE_CARD_IDENTITY. The card writes magic
 * last after power-up, so that a host never sees a half-built block.
 */
struct sense_card_identity {
	__le64 magic;
	__le16 major;
	__le16 minor;
	__le32 window;		/* bytes of register window in use */
	__u8   vendor[32];
	__u8   model[32];
	__u8   serial[32];	/* printable ASCII, no space: it becomes a file name */
	__u8   uuid[16];	/* RFC 9562, byte order as printed */
	__le32 hardware_revision;
	__le32 firmware_revision;	/* major << 16 | minor << 8 | patch */
	__le64 capabilities;
	struct sense_card_table channels;
	struct sense_card_table outputs;
	struct sense_card_table rates;
	__le64 counter_hz;	/* ticks the counter really has per second; it counts ns */
	__le32 max_entries;	/* largest DMA ring in scans, power of two */
	__le32 dma_bits;	/* address bits the card can drive: 32 to 64 */
	__le32 command_timeout_ms;	/* longest time any command may take */
	__u8   reserved[296];
	__le32 crc;		/* CRC-32 of every byte before this field */
};

#define SENSE_CARD_IDENTITY_SIZE	512

/* What a channel measures: sense_card_channel.kind */
enum sense_card_kind {
	SENSE_CARD_KIND_RTD		= 1,	/* resistance of a platinum thermometer */
	SENSE_CARD_KIND_THERMISTOR	= 2,	/* resistance of a thermistor */
	SENSE_CARD_KIND_THERMOCOUPLE	= 3,	/* thermocouple voltage */
	SENSE_CARD_KIND_COLD_JUNCTION	= 4,	/* temperature of the thermocouple terminals */
	SENSE_CARD_KIND_HUMIDITY	= 5,	/* relative humidity */
	SENSE_CARD_KIND_PRESSURE	= 6,
	SENSE_CARD_KIND_CO2		= 7,	/* amount fraction */
	SENSE_CARD_KIND_VOC		= 8,	/* amount fraction */
	SENSE_CARD_KIND_PM		= 9,	/* mass concentration; modifier names the cut */
	SENSE_CARD_KIND_CURRENT_LOOP	= 10,	/* 4-20 mA transmitter: flow, fill level, ... */
	SENSE_CARD_KIND_BRIDGE		= 11,	/* strain-gauge bridge: weight, force */
	SENSE_CARD_KIND_HEATER_VOLTAGE	= 12,
	SENSE_CARD_KIND_HEATER_CURRENT	= 13,
	SENSE_CARD_KIND_AMBIENT_TEMP	= 14,
	SENSE_CARD_KIND_BOARD_TEMP	= 15,
};

/*
 * The unit that (raw + offset) * scale has. It follows from the kind; the
 * card states it all the same, and the driver refuses a pair that does not
 * belong together.
 */
enum sense_card_unit {
	SENSE_CARD_UNIT_OHM		= 1,
	SENSE_CARD_UNIT_VOLT		= 2,
	SENSE_CARD_UNIT_AMPERE		= 3,
	SENSE_CARD_UNIT_DEGREE_CELSIUS	= 4,
	SENSE_CARD_UNIT_PASCAL		= 5,
	SENSE_CARD_UNIT_ONE		= 6,	/* humidity (0..1), amount fraction */
	SENSE_CARD_UNIT_KG_PER_M3	= 7,	/* mass concentration */
	SENSE_CARD_UNIT_VOLT_PER_VOLT	= 8,	/* bridge output per excitation */
};

enum sense_card_modifier {
	SENSE_CARD_MOD_NONE		= 0,
	SENSE_CARD_MOD_PM1		= 1,
	SENSE_CARD_MOD_PM2P5		= 2,
	SENSE_CARD_MOD_PM4		= 3,
	SENSE_CARD_MOD_PM10		= 4,
};

#define SENSE_CARD_CHANNEL_SIGNED	(1U << 0)

/*
 * One channel. value = (raw + offset_num/offset_den) * scale_num/scale_den in
 * the unit named, exactly. Denominators are positive. Range is in raw counts;
 * a reading outside it sets the channel's bit in the saturation mask.
 */
struct sense_card_channel {
	__le16 kind;		/* enum sense_card_kind */
	__le16 unit;		/* enum sense_card_unit */
	__le16 modifier;	/* enum sense_card_modifier */
	__u8   bits;		/* significant bits, right-aligned: 1 to 32 signed, 1 to 31 not */
	__u8   flags;		/* SENSE_CARD_CHANNEL_* */
	__le64 scale_num;	/* signed; exact rational, unit per count */
	__le64 scale_den;
	__le64 offset_num;	/* signed; in counts */
	__le64 offset_den;
	__le32 range_min;	/* signed, raw counts */
	__le32 range_max;
	__le32 group;		/* channels of one group are sampled at one instant */
	__le32 reserved;
	__u8   label[32];	/* unique on the card: [A-Za-z0-9_-], no space */
};

#define SENSE_CARD_CHANNEL_SIZE		88

/* One sample rate the clock can make: hz_num / hz_den scans per second. */
struct sense_card_rate {
	__le32 hz_num;
	__le32 hz_den;
};

/* Control block, written by the host, at SENSE_CARD_CONTROL. */
struct sense_card_control {
	__le32 command;		/* enum sense_card_command */
	__le32 command_sequence;	/* changes with every command; echoed when done */
	__le64 argument;
	__le64 ring_address;	/* bus address of entries * stride bytes */
	__le64 index_address;	/* bus address of struct sense_card_index */
	__le32 ring_entries;	/* power of two, 2 to identity.max_entries */
	__le32 ring_stride;	/* bytes per scan, multiple of 8: see sense_card_stride() */
	__le32 watermark;	/* scans between data interrupts, >= 1 */
	__le32 flush_us;	/* data interrupt for fewer scans after this time; 0 never */
	__le32 rate;		/* index into the rate table */
	__le32 reserved0;
	/*
	 * Scans the host has taken since START; free-running. Zero it before
	 * START: a START with another value is refused.
	 */
	__le64 consumer;
	__u8   reserved[192];
};

#define SENSE_CARD_CONTROL_SIZE		256

enum sense_card_command {
	SENSE_CARD_CMD_NONE		= 0,
	SENSE_CARD_CMD_RESET		= 1,	/* stop, outputs safe, status counts to zero */
	SENSE_CARD_CMD_START		= 2,	/* ring, watermark and rate are taken now */
	SENSE_CARD_CMD_STOP		= 3,	/* done only when no DMA is in flight */
	SENSE_CARD_CMD_LATCH		= 4,	/* copy the counter into status.latch */
	SENSE_CARD_CMD_SELF_TEST	= 5,	/* result: 0 passed, else a bit per fault */
	SENSE_CARD_CMD_TEST_DATA	= 6,	/* argument 1: send the test pattern, 0: measure */
	SENSE_CARD_CMD_WATERMARK	= 7,	/* watermark, flush_us taken now, running or not */
};

enum sense_card_result {
	SENSE_CARD_OK			= 0,
	SENSE_CARD_E_COMMAND		= 1,	/* unknown command */
	SENSE_CARD_E_ARGUMENT		= 2,	/* a field is out of its range */
	SENSE_CARD_E_STATE		= 3,	/* not in this state (START while running) */
	SENSE_CARD_E_HARDWARE		= 4,	/* the hardware failed to do it */
};

enum sense_card_state {
	SENSE_CARD_STATE_IDLE		= 0,
	SENSE_CARD_STATE_RUNNING	= 1,
	SENSE_CARD_STATE_FAILED		= 2,	/* needs a RESET */
};

/* Status block, written by the card, at SENSE_CARD_STATUS. */
struct sense_card_status {
	__le32 state;		/* enum sense_card_state */
	__le32 command_done;	/* command_sequence of the last completed command */
	__le32 command_result;	/* enum sense_card_result, written before command_done */
	__le32 self_test;	/* one bit per fault found by the last self-test */
	__le64 latch;		/* counter at the last LATCH, ns */
	__le32 latch_sequence;	/* command_sequence of that LATCH */
	__le32 reserved0;
	__le64 scans_produced;	/* since RESET: every sequence number; final after STOP */
	__le64 scans_dropped;	/* of these, lost because the ring was full */
	__le64 errors_adc;	/* conversions that failed: their channel's fault bit was set */
	__le64 errors_dma;	/* DMA writes that failed */
	__le64 errors_command;	/* commands answered with an error */
	__le64 errors_clock;	/* sample clock lost lock */
	__le64 output_faults;	/* one bit per output: read-back disagrees */
	struct {
		__le32 active;		/* slot in use: 0 or 1 */
		__le32 revision[2];	/* revision in each slot, 0: empty */
		__le32 state;		/* reserved for the update protocol of a later minor */
		__le64 slot_offset[2];	/* room in the window, 0: none */
		__le64 slot_size;
	} firmware;
	__u8   reserved[128];
};

#define SENSE_CARD_STATUS_SIZE		256

/*
 * Index block in host memory, written by the card by DMA. The card makes the
 * scans visible first, then the producer: a host that reads the producer and
 * then (dma_rmb) the scans below it sees whole scans.
 */
struct sense_card_index {
	__le64 producer;	/* scans written since START; free-running */
	__le64 reserved[7];
};

/* Scan flags: sense_card_scan.flags */
#define SENSE_CARD_SCAN_OVERRUN		(1ULL << 0)	/* scans dropped just before this one */
#define SENSE_CARD_SCAN_TEST_DATA	(1ULL << 1)	/* pattern, not a measurement */
#define SENSE_CARD_SCAN_CLOCK_UNLOCKED	(1ULL << 2)
#define SENSE_CARD_SCAN_OUTPUT_SAFE	(1ULL << 3)	/* an output watchdog has expired */
#define SENSE_CARD_SCAN_SIMULATED	(1ULL << 4)	/* made by a model of a card */

/*
 * One scan in the DMA ring. The sequence number counts every tick of the
 * sample clock since START, dropped ones included, so a gap in it is a loss.
 * Slot of scan n since START (as delivered) is n modulo ring_entries.
 */
struct sense_card_scan {
	__le64 sequence;
	__le64 counter;		/* card counter at the sampling instant, ns */
	__le64 fault;		/* bit i: channel i has no valid reading */
	__le64 saturation;	/* bit i: channel i is outside its range */
	__le64 flags;		/* SENSE_CARD_SCAN_* */
	__le32 raw[];		/* one per channel, in table order */
};

#define SENSE_CARD_SCAN_HEADER		40

/* Bytes per scan for a number of channels: the header, raw values, padded to 8. */
static inline __u32 sense_card_stride(__u32 channels)
{
	return SENSE_CARD_SCAN_HEADER + ((channels * 4 + 7) & ~7U);
}

/* The test pattern of channel i in scan n, before it is cut to the channel's bits. */
static inline __u32 sense_card_test_value(__u64 sequence, __u32 channel)
{
	return (__u32)sequence * 2654435761U + channel * 40503U;
}

enum sense_card_output_kind {
	SENSE_CARD_OUT_CURRENT		= 1,	/* ampere: heater or Peltier drive */
	SENSE_CARD_OUT_VOLTAGE		= 2,	/* volt */
};

/* One entry of the output table. value = raw * scale_num/scale_den. */
struct sense_card_output_info {
	__le16 kind;		/* enum sense_card_output_kind */
	__le16 reserved0;
	__le32 reserved1;
	__le64 scale_num;
	__le64 scale_den;
	__le32 range_min;	/* signed, counts */
	__le32 range_max;
	/*
	 * Signed, counts: taken on watchdog expiry, on disarming and on RESET, at
	 * once: the slew limit holds for targets only.
	 */
	__le32 safe;
	__le32 slew;		/* counts per second the card will move at most; 0 no limit */
	__le32 watchdog_min_ms;
	__le32 watchdog_max_ms;
	__u8   label[32];
};

#define SENSE_CARD_OUTPUT_INFO_SIZE	80

/*
 * Output block i at SENSE_CARD_OUTPUT + i * SENSE_CARD_OUTPUT_SIZE. The host
 * writes the first four fields, arm and feed last, and rings
 * SENSE_CARD_BELL_OUTPUT. The card owns the rest and looks, in this order:
 *  - watchdog_ms 0: the output is disarmed and safe;
 *  - arm changed: the output is armed for watchdog_ms, an expiry is cleared,
 *    target is taken. Bells coalesce, so arming again after an expiry must
 *    show in the block itself: watchdog_ms and feed alone cannot tell it from
 *    a late feed;
 *  - feed changed while armed: target is taken, the watchdog starts anew;
 *  - otherwise nothing: what comes after an expiry moves nothing.
 */
struct sense_card_output {
	__le32 target;		/* signed, counts */
	__le32 watchdog_ms;	/* 0: disarmed, and the output is safe */
	__le32 feed;		/* any change feeds the watchdog */
	__le32 arm;		/* any change arms */
	__le32 applied;		/* signed, counts: after range and slew limit */
	__le32 read_back;	/* signed, counts: measured at the terminals */
	__le32 expired;		/* times the watchdog has expired */
	__le32 state;		/* enum sense_card_output_state */
	__u8   reserved[32];
};

#define SENSE_CARD_OUTPUT_SIZE		64

enum sense_card_output_state {
	SENSE_CARD_OUT_SAFE		= 0,	/* disarmed */
	SENSE_CARD_OUT_ARMED		= 1,
	SENSE_CARD_OUT_EXPIRED		= 2,	/* safe after expiry; arming again clears it */
};

#define SENSE_CARD_LAYOUT_OK						\
	(sizeof(struct sense_card_identity) == SENSE_CARD_IDENTITY_SIZE &&	\
	 sizeof(struct sense_card_channel) == SENSE_CARD_CHANNEL_SIZE &&	\
	 sizeof(struct sense_card_control) == SENSE_CARD_CONTROL_SIZE &&	\
	 sizeof(struct sense_card_status) == SENSE_CARD_STATUS_SIZE &&		\
	 sizeof(struct sense_card_scan) == SENSE_CARD_SCAN_HEADER &&		\
	 sizeof(struct sense_card_output_info) == SENSE_CARD_OUTPUT_INFO_SIZE &&\
	 sizeof(struct sense_card_output) == SENSE_CARD_OUTPUT_SIZE)

_Static_assert(SENSE_CARD_LAYOUT_OK, "card interface layout");

#endif /* SENSE_CARD_H */
