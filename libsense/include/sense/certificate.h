/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * certificate.h - Digital Calibration Certificates: what they say, who signed them,
 * whether they are for this sensor, and the numbers in them.
 *
 * Reads DCC 2.4.0 to 3.3.0 with D-SI 1.3 to 2.2 (PTB, https://ptb.de/dcc, https://ptb.de/si).
 * Nothing is left aside silently: sense_certificate_get_note() lists what was, and where.
 *
 * A file is data from a stranger. Documents with a DOCTYPE, files over 32 MiB, elements nested
 * deeper than 100 or more than half a million of them, and encodings other than UTF-8 are refused;
 * nothing a document names is fetched or opened.
 *
 * A certificate is immutable: any number of threads may read one. Strings, texts and arrays are
 * borrowed from it and UTF-8. Dates are as written, "YYYY-MM-DD". A getter of a string returns ""
 * where the certificate says nothing, one of an index NULL past the end.
 */
#ifndef SENSE_CERTIFICATE_H
#define SENSE_CERTIFICATE_H

#include <sense/api.h>
#include <sense/rtd.h>
#include <sense/unit.h>

SENSE_BEGIN_DECLS

struct sense_certificate;

/**
 * sense_certificate_load() / sense_certificate_parse() - read a certificate.
 * @name: what to call it in errors
 *
 * Owned; sense_certificate_unref(). NULL with -EBADMSG (no XML, no DCC, or a number or unit in it
 * that cannot be read), -EPERM (a DOCTYPE or another thing refused), -EFBIG, -EPROTONOSUPPORT
 * (a DCC version outside 2.4 to 3.3), or what open and read say. Says nothing of signatures.
 */
SENSE_API struct sense_certificate *sense_certificate_load(const char *path);
SENSE_API struct sense_certificate *sense_certificate_parse(const char *name, const void *data,
							    size_t size);
SENSE_API struct sense_certificate *sense_certificate_ref(struct sense_certificate *certificate);
SENSE_API void sense_certificate_unref(struct sense_certificate *certificate);

/** Name it was loaded under, and SHA-256 of the file's bytes, 64 hexadecimal digits. */
SENSE_API const char *sense_certificate_get_name(const struct sense_certificate *certificate);
SENSE_API const char *sense_certificate_get_sha256(const struct sense_certificate *certificate);

/* ---- texts in several languages ---------------------------------------------------- */

struct sense_text;

/**
 * A formula within a text is a content of its own, its language "x-latex".
 *
 * sense_text_get() - in @language ("en"), else English, else without language, else the first.
 * @text: NULL gives "". NULL as language prefers English.
 */
SENSE_API const char *sense_text_get(const struct sense_text *text, const char *language);
SENSE_API unsigned int sense_text_get_count(const struct sense_text *text);
/** Language of one content, "" where none is given; its string by _get_content(). */
SENSE_API const char *sense_text_get_language(const struct sense_text *text, unsigned int index);
SENSE_API const char *sense_text_get_content(const struct sense_text *text, unsigned int index);

/* ---- administrative data ----------------------------------------------------------- */

/** A laboratory, customer, manufacturer or person. */
struct sense_contact {
	const struct sense_text *name;
	const char *email;
	const char *phone;
	const char *fax;
	const char *link;
	const char *address;	/**< in one line */
	const char *country;	/**< ISO 3166-1, two letters */
};

struct sense_identification {
	const char *issuer;	/**< "manufacturer", "calibrationLaboratory", "customer", ... */
	const char *value;
	const struct sense_text *name;
	const char *ref_type;	/**< tokens with blanks between */
};

struct sense_person {
	struct sense_contact contact;
	const char *role;
	int main_signer;
};

SENSE_API const char *
sense_certificate_get_schema_version(const struct sense_certificate *certificate);
SENSE_API const char *
sense_certificate_get_unique_identifier(const struct sense_certificate *certificate);
SENSE_API const char *sense_certificate_get_country(const struct sense_certificate *certificate);
/** Used languages, mandatory ones first; NULL past the end. */
SENSE_API const char *sense_certificate_get_language(const struct sense_certificate *certificate,
						     unsigned int index);
SENSE_API const char *
sense_certificate_get_begin_date(const struct sense_certificate *certificate);
SENSE_API const char *sense_certificate_get_end_date(const struct sense_certificate *certificate);
SENSE_API const char *
sense_certificate_get_receipt_date(const struct sense_certificate *certificate);
SENSE_API const char *sense_certificate_get_issue_date(const struct sense_certificate *certificate);
SENSE_API const char *sense_certificate_get_location(const struct sense_certificate *certificate);
/** "amended" or "substituted" and the identifier of the report it replaces; "" for neither. */
SENSE_API const char *sense_certificate_get_change(const struct sense_certificate *certificate);
SENSE_API const char *sense_certificate_get_replaced(const struct sense_certificate *certificate);
/** Order number and the like. */
SENSE_API const struct sense_identification *
sense_certificate_get_identification(const struct sense_certificate *certificate,
				     unsigned int index);

SENSE_API const struct sense_contact *
sense_certificate_get_laboratory(const struct sense_certificate *certificate);
/** Code of the laboratory, by which an accreditation body knows it; "" where not given. */
SENSE_API const char *
sense_certificate_get_laboratory_code(const struct sense_certificate *certificate);
SENSE_API const struct sense_contact *
sense_certificate_get_customer(const struct sense_certificate *certificate);
SENSE_API const struct sense_person *
sense_certificate_get_person(const struct sense_certificate *certificate, unsigned int index);

/** What was calibrated. Items within items (DCC 3.3) follow their parent. */
struct sense_certificate_item {
	const struct sense_text *name;
	const struct sense_text *description;
	struct sense_contact manufacturer;
	const char *model;
	const char *id;
	int parent;		/**< index of the item it is part of, -1 for none */
	unsigned int identification_count;
	const struct sense_identification *identifications;
	const char *serial;	/**< identification given by the manufacturer, "" if none */
};
SENSE_API unsigned int
sense_certificate_get_item_count(const struct sense_certificate *certificate);
SENSE_API const struct sense_certificate_item *
sense_certificate_get_item(const struct sense_certificate *certificate, unsigned int index);

/* ---- quantities -------------------------------------------------------------------- */

/** How uncertainty is stated. */
enum sense_uncertainty_form {
	SENSE_UNCERTAINTY_NONE = 0,
	SENSE_UNCERTAINTY_STANDARD,	/**< u; k is 1 */
	SENSE_UNCERTAINTY_EXPANDED,	/**< U = k u, at coverage probability p */
	SENSE_UNCERTAINTY_INTERVAL	/**< u, and an interval of probability p */
};

/** What a quantity is made of. */
enum sense_quantity_form {
	SENSE_QUANTITY_REAL = 0,	/**< one value */
	SENSE_QUANTITY_LIST,
	SENSE_QUANTITY_CONSTANT,
	SENSE_QUANTITY_COMPLEX,		/**< left aside: no values, one note */
	SENSE_QUANTITY_TEXT		/**< words instead of numbers (noQuantity, charsXMLList) */
};

struct sense_certificate_remark;

/**
 * One quantity in one unit. All arrays are of @count elements, a single entry of the document
 * already repeated; NULL where the document has none. NaN is what a document's NaN was.
 * A hybrid quantity gives one of these per unit, all with the same @group.
 */
struct sense_certificate_quantity {
	enum sense_quantity_form form;
	const struct sense_text *name;
	const char *label;		/**< si:label; of a list the first where all are the same */
	const struct sense_text *description;
	const char *symbol;		/**< LaTeX formula of its description, e.g. "R_{0}" */
	const char *id;
	unsigned int ref_type_count;
	const char *const *ref_types;
	unsigned int group;		/**< number of the DCC quantity within the certificate */
	unsigned int part;		/**< number of the list within one si:list, else 0 */
	int table;			/**< number of the dcc:list it stands in, -1 for none */
	int result;			/**< index of its result, -1 outside results */

	unsigned int count;
	const double *values;
	const char *const *digits;	/**< each value as written */
	const char *unit;		/**< D-SI, as written; "" where the values' units differ */
	const char *const *units;	/**< one per value */
	const char *const *labels;
	const char *const *times;	/**< dateTime, ISO 8601 as written */
	const int *significant_digits;

	enum sense_uncertainty_form uncertainty_form;
	const double *uncertainty;	/**< U or u, in the values' unit */
	const double *k;
	const double *p;		/**< NULL for standard uncertainty */
	const double *interval_min;
	const double *interval_max;
	const char *const *distribution;
	const double *relative_uncertainty;	/**< dcc:relativeUncertainty, as stated */
	const char *relative_unit;

	const struct sense_text *text;	/**< of SENSE_QUANTITY_TEXT */
	const char *const *conformity;	/**< "pass", "fail", ... per value */
	unsigned int remark_count;	/**< measurementMetaData */
	const struct sense_certificate_remark *const *remarks;
};

/** sense_quantity_is() - whether @ref_type is among its tokens. */
SENSE_API int sense_quantity_is(const struct sense_certificate_quantity *quantity,
				const char *ref_type);

/**
 * sense_quantity_get_value() - one value in a unit of the caller's choice.
 * sense_quantity_get_standard_uncertainty() - u, from whichever form it is stated in.
 * @unit: D-SI; NULL for the unit as written
 * 0, -EDOM (other dimension: one sentence), -ENODATA, -ERANGE (@index).
 */
SENSE_API int sense_quantity_get_value(const struct sense_certificate_quantity *quantity,
				       unsigned int index, const char *unit, double *value);
SENSE_API int
sense_quantity_get_standard_uncertainty(const struct sense_certificate_quantity *quantity,
					unsigned int index, const char *unit, double *u);

/** A statement of the certificate, or metadata of a quantity, list or result. */
struct sense_certificate_remark {
	unsigned int ref_type_count;
	const char *const *ref_types;
	const struct sense_text *name;
	const struct sense_text *declaration;
	const char *norm;
	const char *reference;
	const char *convention;
	const char *date;
	const char *period;		/**< ISO 8601 duration */
	const char *conformity;		/**< as written, one token or a list of them */
	int valid;			/**< 1, 0, or -1 where not said */
	int traceable;			/**< 1, 0, or -1 */
	struct sense_contact authority;	/**< who decided it */
	const char *non_si_unit;
	const char *non_si_definition;
	unsigned int quantity_count;
	const struct sense_certificate_quantity *const *quantities;
};
SENSE_API unsigned int
sense_certificate_get_statement_count(const struct sense_certificate *certificate);
SENSE_API const struct sense_certificate_remark *
sense_certificate_get_statement(const struct sense_certificate *certificate, unsigned int index);

/** A dcc:list: columns that belong together. */
struct sense_certificate_table {
	const struct sense_text *name;
	const char *id;
	unsigned int ref_type_count;
	const char *const *ref_types;
	int parent;			/**< number of the list around it, -1 for none */
	const char *time;		/**< dateTime of its rows, as written */
};
SENSE_API const struct sense_certificate_table *
sense_certificate_get_table(const struct sense_certificate *certificate, unsigned int index);

struct sense_certificate_result {
	const struct sense_text *name;
	const struct sense_text *description;
	unsigned int ref_type_count;
	const char *const *ref_types;
	const char *id;
	const struct sense_text *measurement;	/**< name of the measurementResult it is in */
	unsigned int quantity_count;
	const struct sense_certificate_quantity *const *quantities;
	unsigned int remark_count;
	const struct sense_certificate_remark *const *remarks;
};
SENSE_API unsigned int
sense_certificate_get_result_count(const struct sense_certificate *certificate);
SENSE_API const struct sense_certificate_result *
sense_certificate_get_result(const struct sense_certificate *certificate, unsigned int index);

/* ---- how it was measured ----------------------------------------------------------- */

struct sense_certificate_condition {
	const struct sense_text *name;
	const struct sense_text *description;
	const char *status;		/**< "beforeAdjustment", "afterRepair", ... */
	unsigned int ref_type_count;
	const char *const *ref_types;
	unsigned int quantity_count;
	const struct sense_certificate_quantity *const *quantities;
};
SENSE_API const struct sense_certificate_condition *
sense_certificate_get_condition(const struct sense_certificate *certificate, unsigned int index);

struct sense_certificate_method {
	const struct sense_text *name;
	const struct sense_text *description;
	unsigned int ref_type_count;
	const char *const *ref_types;
	const char *norm;
	const char *reference;
};
SENSE_API const struct sense_certificate_method *
sense_certificate_get_method(const struct sense_certificate *certificate, unsigned int index);

struct sense_certificate_software {
	const struct sense_text *name;
	const char *release;
	const char *type;
	const char *use;	/**< "certificate", "measurement", "item" or "equipment" */
};
SENSE_API const struct sense_certificate_software *
sense_certificate_get_software(const struct sense_certificate *certificate, unsigned int index);

struct sense_certificate_equipment {
	const struct sense_text *name;
	const struct sense_text *description;
	unsigned int ref_type_count;
	const char *const *ref_types;
	struct sense_contact manufacturer;
	const char *model;
	unsigned int identification_count;
	const struct sense_identification *identifications;
	const char *serial;
	int reference;		/**< index of the reference to its certificate, -1 for none */
};
SENSE_API const struct sense_certificate_equipment *
sense_certificate_get_equipment(const struct sense_certificate *certificate, unsigned int index);

/** Another report that this one stands on or follows, with the hash recorded for it. */
struct sense_certificate_reference {
	const char *relation;	/**< "equipment", "previous", "condition", "traceable", "linked" */
	const struct sense_text *referral;
	const char *identifier;
	const char *procedure;	/**< hash algorithm as written, or "analogue" for paper */
	const char *value;	/**< hash as written */
};
SENSE_API unsigned int
sense_certificate_get_reference_count(const struct sense_certificate *certificate);
SENSE_API const struct sense_certificate_reference *
sense_certificate_get_reference(const struct sense_certificate *certificate, unsigned int index);

/**
 * sense_certificate_check_reference() - whether a file is the one that was hashed.
 * 0 it is; -EBADMSG it is another one; -ENODATA the reference is to paper; -ENOTSUP the hash is
 * MD5, SHA-1 (which prove nothing any more) or unknown; or what open and read say.
 */
SENSE_API int
sense_certificate_check_reference(const struct sense_certificate_reference *reference,
				  const char *path);

/** A file carried in the certificate. */
struct sense_certificate_file {
	const char *name;
	const char *mime_type;
	uint64_t size;		/**< bytes, decoded */
};
SENSE_API const struct sense_certificate_file *
sense_certificate_get_file(const struct sense_certificate *certificate, unsigned int index);

/** What was left aside: "line 214, dcc:quantity: ..." One sentence each; NULL past the end. */
SENSE_API const char *sense_certificate_get_note(const struct sense_certificate *certificate,
						 unsigned int index);

/* ---- is it ours, is it in force ---------------------------------------------------- */

/**
 * sense_certificate_find_item() - the item with this serial number.
 * @serial: compared with every identification of every item, blanks around it apart; NULL for
 *          the only item
 * @manufacturer: NULL for any; compared without regard to case, in every language
 * Index, or -ENOENT (it is for another item or serial; the sentence names which), -EINVAL
 * (@serial is NULL and there are several).
 */
SENSE_API int sense_certificate_find_item(const struct sense_certificate *certificate,
					  const char *manufacturer, const char *serial);

/**
 * sense_certificate_get_valid_until() - the last day the certificate may be relied on, "" where it
 * says nothing: the earliest of the dates and periods (counted from the end of the performance) in
 * its statements on recalibration (basic_recalibration) and validity.
 */
SENSE_API const char *
sense_certificate_get_valid_until(const struct sense_certificate *certificate);

/**
 * sense_certificate_check_date() - whether it is in force on a day.
 * @date: "YYYY-MM-DD"
 * 0 it is, or says nothing of an end; -EKEYEXPIRED its time is over; -EAGAIN the day is before the
 * calibration; -EBADMSG a statement says it is not valid; -EINVAL no date.
 */
SENSE_API int sense_certificate_check_date(const struct sense_certificate *certificate,
					   const char *date);

/* ---- numbers for a fit ------------------------------------------------------------- */

/** One calibration point. NaN for what the certificate does not give. */
struct sense_calibration_point {
	double reference;	/**< basic_referenceValue, in the reference unit asked for */
	double reference_u;	/**< its standard uncertainty */
	double measured;	/**< basic_measuredValue, in the measured unit asked for */
	double error;		/**< basic_measurementError (measured - reference), measured unit */
	double expanded;	/**< U, measured unit: of the error, else of the measured value */
	double k;
	double p;
	double u;		/**< standard uncertainty, U/k */
};

/**
 * sense_certificate_get_points() - the calibration points of one table.
 * @result: index of the result they are in, -1 for the only one that has points
 * @reference_unit, @measured_unit: D-SI; NULL for the unit as written
 * @points: owned, free(); ascending by document order
 *
 * Reference, measured value and error are found by refType. A hybrid quantity gives the unit that
 * needs the least conversion. Where only the error is given, measured is their sum, and the other
 * way round where both units are of one quantity.
 * Number of points, or -ENODATA (none), -EINVAL (several tables: the sentence lists them), -EDOM
 * (a unit that does not fit), -EBADMSG (columns of different length).
 */
SENSE_API int sense_certificate_get_points(const struct sense_certificate *certificate, int result,
					   const char *reference_unit, const char *measured_unit,
					   struct sense_calibration_point **points);

/**
 * sense_certificate_get_range() - the range it was calibrated for: basic_validityRangeMin and
 * Max, wherever they stand. 0, -ENODATA, -EDOM.
 */
SENSE_API int sense_certificate_get_range(const struct sense_certificate *certificate,
					  const char *unit, double *min, double *max);

/**
 * sense_certificate_get_coefficient() - a coefficient of a fitted equation (gp_coefficients).
 * @name: "R0", "A", ...; compared with si:label, the symbol ("R_{0}") and the name
 * @unit: D-SI, its dimension must fit; NULL for the unit as written
 * @u: standard uncertainty, NaN where none is stated; may be NULL
 * 0, -ENOENT (the sentence lists those there are), -EINVAL (given twice, differently), -EDOM.
 */
SENSE_API int sense_certificate_get_coefficient(const struct sense_certificate *certificate,
						const char *name, const char *unit, double *value,
						double *u);

/**
 * sense_certificate_get_rtd() - R0, A, B and, where given, C of a platinum thermometer.
 * As sense_certificate_get_coefficient(); a missing C is 0, fit for t >= 0 degC only.
 */
SENSE_API int sense_certificate_get_rtd(const struct sense_certificate *certificate,
					struct sense_rtd *rtd);

/* ---- signature --------------------------------------------------------------------- */

/** Whom to believe: trust anchors and revocation lists. Mutable; copied when used. */
struct sense_certificate_trust;

SENSE_API struct sense_certificate_trust *sense_certificate_trust_new(void);
SENSE_API void sense_certificate_trust_free(struct sense_certificate_trust *trust);
/**
 * sense_certificate_trust_add_anchors() / _add_crls() - every certificate or CRL of a PEM file.
 * An anchor may be a root, an intermediate authority or a signer's own certificate.
 * Number added, or -errno (-EBADMSG: none in it).
 */
SENSE_API int sense_certificate_trust_add_anchors(struct sense_certificate_trust *trust,
						  const char *path);
SENSE_API int sense_certificate_trust_add_crls(struct sense_certificate_trust *trust,
					       const char *path);
/**
 * sense_certificate_trust_set_time() - judge X.509 validity at this time instead of the signing
 * time that the signer claims; seconds since 1970-01-01 UTC.
 */
SENSE_API void sense_certificate_trust_set_time(struct sense_certificate_trust *trust,
						int64_t utc_s);

struct sense_certificate_signature;

/**
 * sense_certificate_verify() - look for a signature, check it, and its signer against @trust.
 * @trust: NULL: nobody is trusted
 *
 * Valid: an enveloped XML-DSig or XAdES signature of the document's root that covers all of the
 * document but itself (and comments, which XML signatures leave out and nobody here reads), made
 * with SHA-2 and RSA >= 2048 bits or ECDSA >= P-256, by the key of the X.509 certificate named.
 * Trusted: valid, and that certificate leads to an anchor, in force at the signing time claimed
 * (now, where none is), for signing, and not revoked by any CRL given. With CRLs given there must
 * be one for every certificate below the anchor. A revocation counts whenever it was made: a
 * claimed signing time proves nothing against it.
 *
 * Owned; sense_certificate_signature_free(). NULL only with -ENOMEM or where the crypto library
 * does not start. Documentation/certificates.md has the policy in full.
 */
SENSE_API struct sense_certificate_signature *
sense_certificate_verify(const struct sense_certificate *certificate,
			 const struct sense_certificate_trust *trust);
SENSE_API void sense_certificate_signature_free(struct sense_certificate_signature *signature);

SENSE_API int sense_certificate_signature_is_present(const struct sense_certificate_signature *s);
SENSE_API int sense_certificate_signature_is_valid(const struct sense_certificate_signature *s);
SENSE_API int sense_certificate_signature_is_trusted(const struct sense_certificate_signature *s);
/** One sentence: why it is not trusted, or what trust in it stands on. */
SENSE_API const char *
sense_certificate_signature_get_reason(const struct sense_certificate_signature *s);
/** "XAdES" or "XML-DSig"; subject and issuer of the signer's certificate (RFC 2253); algorithm. */
SENSE_API const char *
sense_certificate_signature_get_form(const struct sense_certificate_signature *s);
SENSE_API const char *
sense_certificate_signature_get_signer(const struct sense_certificate_signature *s);
SENSE_API const char *
sense_certificate_signature_get_issuer(const struct sense_certificate_signature *s);
SENSE_API const char *
sense_certificate_signature_get_algorithm(const struct sense_certificate_signature *s);
/** Signing time as claimed, ISO 8601; "" where none is. */
SENSE_API const char *
sense_certificate_signature_get_time(const struct sense_certificate_signature *s);

SENSE_END_DECLS

#endif
