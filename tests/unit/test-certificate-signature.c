// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Signatures of certificates: made by openssl and xmlsec1 at test time (tests/fixtures/dcc/sign),
 * so that somebody else's signer stands against our verifier.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sense/certificate.h>
#include <sense/error.h>

static char directory[64];

static const char *at(const char *name)
{
	static char paths[4][128];
	static unsigned int turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
	return path;
}

/* Once; every test may call it. */
static void need_pki(void)
{
	char command[160];

	if (directory[0])
		return;
	strcpy(directory, "build/tests/pki-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
	snprintf(command, sizeof(command), "tests/fixtures/dcc/sign %s || { cat %s/log; exit 1; }",
		 directory, directory);
	CU_ASSERT_EQUAL_FATAL(system(command), 0);
}

static void remove_pki(void)
{
	char command[160];

	snprintf(command, sizeof(command), "rm -r %s", directory);
	if (directory[0])
		CU_ASSERT_EQUAL(system(command), 0);
}

static struct sense_certificate_trust *trust_in(const char *anchors, const char *crls)
{
	struct sense_certificate_trust *trust = sense_certificate_trust_new();

	CU_ASSERT_EQUAL(sense_certificate_trust_add_anchors(trust, at(anchors)), 1);
	if (crls)
		CU_ASSERT_TRUE(sense_certificate_trust_add_crls(trust, at(crls)) > 0);
	return trust;
}

enum { NONE, INVALID, VALID, TRUSTED };

/* What comes of @file; the reason is matched against part of a sentence. */
static void expect(const char *file, const char *anchors, const char *crls, int state,
		   const char *reason)
{
	struct sense_certificate_trust *trust = trust_in(anchors, crls);
	struct sense_certificate *c = sense_certificate_load(at(file));
	struct sense_certificate_signature *s;
	int found;

	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	s = sense_certificate_verify(c, trust);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	found = sense_certificate_signature_is_trusted(s) ? TRUSTED :
		sense_certificate_signature_is_valid(s)	  ? VALID :
		sense_certificate_signature_is_present(s) ? INVALID :
							    NONE;
	if (found != state || !strstr(sense_certificate_signature_get_reason(s), reason))
		printf("\n    %s: %d, %s\n", file, found,
		       sense_certificate_signature_get_reason(s));
	CU_ASSERT_EQUAL(found, state);
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_certificate_signature_get_reason(s), reason));
	sense_certificate_signature_free(s);
	sense_certificate_unref(c);
	sense_certificate_trust_free(trust);
}

static void believes_good_ones(void)
{
	need_pki();
	expect("good.xml", "root.pem", NULL, TRUSTED,
	       "under the trust anchor CN=Test Root; revocation");
	expect("good.xml", "root.pem", "all.crl", TRUSTED,
	       "signed by CN=lab,O=Testlabor,C=AT, under");
	expect("good.xml", "ca.pem", NULL, TRUSTED, "under the trust anchor CN=Test CA");
	expect("good.xml", "lab.pem", NULL, TRUSTED, "a trust anchor itself");
	expect("rsa.xml", "root.pem", NULL, TRUSTED, "CN=rsa");
	expect("lab384.xml", "root.pem", NULL, TRUSTED, "CN=lab384");
	expect("plain.xml", "root.pem", NULL, TRUSTED, "CN=lab");
	expect("plain-rsa.xml", "root.pem", NULL, TRUSTED, "CN=rsa");
	expect("xpath.xml", "root.pem", NULL, TRUSTED, "CN=lab");
	expect("lonely.xml", "ca.pem", NULL, TRUSTED, "CN=lab");
	/* The certificate named is not carried, but was given. */
	expect("without.xml", "lab.pem", NULL, TRUSTED, "CN=lab");
	/* Signed while its certificate was in force, as it says itself. */
	expect("gone.xml", "root.pem", NULL, TRUSTED,
	       "rests on the signing time the signer claims");
}

static void distrusts_strangers(void)
{
	struct sense_certificate *c;
	struct sense_certificate_signature *s;

	need_pki();
	expect("good.xml", "other.pem", NULL, VALID, "does not lead to a trust anchor");
	expect("lonely.xml", "root.pem", NULL, VALID, "does not lead to a trust anchor");
	expect("gone-before.xml", "root.pem", NULL, VALID, "had run out on 2025-06-01");
	expect("late.xml", "root.pem", NULL, VALID, "was not in force before 2025-06-01");
	expect("future.xml", "root.pem", NULL, VALID, "in the future");
	expect("cipher.xml", "root.pem", NULL, VALID, "is not for signing");
	c = sense_certificate_load(at("good.xml"));
	s = sense_certificate_verify(c, NULL);
	CU_ASSERT_EQUAL(sense_certificate_signature_is_valid(s), 1);
	CU_ASSERT_EQUAL(sense_certificate_signature_is_trusted(s), 0);
	CU_ASSERT_STRING_EQUAL(sense_certificate_signature_get_form(s), "XAdES");
	CU_ASSERT_STRING_EQUAL(sense_certificate_signature_get_time(s),
			       "2025-04-01T09:00:00+02:00");
	CU_ASSERT_STRING_EQUAL(sense_certificate_signature_get_algorithm(s), "ecdsa-sha256");
	CU_ASSERT_STRING_EQUAL(sense_certificate_signature_get_issuer(s), "CN=Test CA");
	sense_certificate_signature_free(s);
	sense_certificate_unref(c);
}

static void hears_of_revocation(void)
{
	need_pki();
	expect("revoked.xml", "root.pem", NULL, TRUSTED, "revocation was not checked");
	expect("revoked.xml", "root.pem", "all.crl", VALID, "was revoked on");
	expect("revoked.xml", "revoked.pem", "ca.crl", VALID, "was revoked on");
	expect("good.xml", "root.pem", "ca-revoked.crl", VALID, "CN=Test CA was revoked");
	expect("good.xml", "root.pem", "stale-all.crl", VALID,
	       "had run out before the signing time");
	expect("good.xml", "root.pem", "ca.crl", VALID, "no revocation list of CN=Test Root");
	expect("good.xml", "root.pem", "other.crl", VALID, "no revocation list of CN=Test CA");
}

static void judges_at_a_time(void)
{
	struct sense_certificate_trust *trust;
	struct sense_certificate *c;
	struct sense_certificate_signature *s;

	need_pki();
	trust = trust_in("root.pem", NULL);
	sense_certificate_trust_set_time(trust, 1767225600); /* 2026-01-01 */
	c = sense_certificate_load(at("gone.xml"));
	s = sense_certificate_verify(c, trust);
	CU_ASSERT_EQUAL(sense_certificate_signature_is_valid(s), 1);
	CU_ASSERT_EQUAL(sense_certificate_signature_is_trusted(s), 0);
	CU_ASSERT_PTR_NOT_NULL(
		strstr(sense_certificate_signature_get_reason(s), "before the time asked for"));
	sense_certificate_signature_free(s);
	sense_certificate_unref(c);
	sense_certificate_trust_free(trust);
}

static void refuses_the_weak(void)
{
	need_pki();
	expect("weak-signature.xml", "root.pem", NULL, INVALID, "rsa-sha1, which is weak");
	expect("weak-digest.xml", "root.pem", NULL, INVALID, "sha1, which is weak");
	expect("short.xml", "root.pem", NULL, INVALID, "only 1024 bits");
}

static void refuses_tricks(void)
{
	need_pki();
	expect("changed.xml", "root.pem", NULL, INVALID, "was changed after it was signed");
	expect("imposter.xml", "root.pem", NULL, INVALID, "is not by the key of CN=imposter");
	expect("misnamed.xml", "root.pem", NULL, INVALID, "is not the one it carries");
	expect("other-carried.xml", "lab.pem", NULL, INVALID, "is not the one it carries");
	expect("without.xml", "root.pem", NULL, INVALID, "is not the one it carries");
	expect("hollow.xml", "root.pem", NULL, INVALID, "does not cover the whole document");
	expect("part.xml", "root.pem", NULL, INVALID, "neither the whole document");
	expect("partial.xml", "root.pem", NULL, INVALID, "could leave parts out");
	expect("twice.xml", "root.pem", NULL, INVALID, "twice");
	expect("moved.xml", "root.pem", NULL, INVALID, "neither the whole document");
	expect("wrapped.xml", "root.pem", NULL, INVALID, "does not stand at the root");
	expect("below.xml", "root.pem", NULL, INVALID, "does not stand at the root");
	expect("external.xml", "root.pem", NULL, INVALID, "http://127.0.0.1:9/x");
	expect("pointer.xml", "root.pem", NULL, INVALID, "#xpointer(/)");
	expect("target.xml", "root.pem", NULL, INVALID, "of another signature");
	expect("padding.xml", "root.pem", NULL, INVALID, "is damaged");
	expect("part-source.xml", "root.pem", NULL, NONE, "is not signed");
	CU_ASSERT_PTR_NULL(sense_certificate_load(at("root.xml")));
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_error_last()->sentence, "digitalCalibrationRequest"));
	/* Comments are no part of a signature, nor of what is read. */
	expect("commented.xml", "root.pem", NULL, TRUSTED, "CN=lab");
}

static void reads_pem(void)
{
	struct sense_certificate_trust *trust = sense_certificate_trust_new();

	need_pki();
	CU_ASSERT_EQUAL(sense_certificate_trust_add_crls(trust, at("all.crl")), 2);
	CU_ASSERT_EQUAL(sense_certificate_trust_add_anchors(trust, at("all.crl")), -EBADMSG);
	CU_ASSERT_EQUAL(sense_certificate_trust_add_anchors(trust, at("good.xml")), -EBADMSG);
	CU_ASSERT_EQUAL(sense_certificate_trust_add_anchors(trust, at("none.pem")), -ENOENT);
	sense_certificate_trust_free(trust);
}

/* ---- every byte -------------------------------------------------------------------- */

static char *slurp(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	char *data = calloc(1, 1 << 20);

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	*size = fread(data, 1, (1 << 20) - 1, file);
	fclose(file);
	return data;
}

/* No XML signature covers these, and nothing reads them. */
static int uncovered(const char *data, const char *byte)
{
	const char *end = strstr(data, "?>") + 2;

	if (byte < end)
		return 1;
	/* The identifier of the signature's value, which nothing refers to. */
	end = strstr(data, "<ds:SignatureValue Id=\"");
	if (end && byte >= end + 23 && byte < strchr(end, '>') - 1)
		return 1;
	for (const char *c = strstr(data, "<!--"); c && c <= byte; c = strstr(c + 1, "<!--"))
		if (byte < strstr(c, "-->") + 3)
			return 1;
	return 0;
}

static int trusted(const char *data, size_t size, const struct sense_certificate_trust *trust)
{
	struct sense_certificate *c = sense_certificate_parse("flipped", data, size);
	struct sense_certificate_signature *s = c ? sense_certificate_verify(c, trust) : NULL;
	int yes = s && sense_certificate_signature_is_trusted(s);

	sense_certificate_signature_free(s);
	sense_certificate_unref(c);
	return yes;
}

static void refuses_a_flipped_byte(const char *path, const struct sense_certificate_trust *trust)
{
	size_t size, refused = 0, outside = 0, missed = 0;
	char *data = slurp(path, &size);
	const char *full = getenv("SENSE_FULL");
	unsigned int seed = unit_seed(), step = full ? 1 : 7;

	CU_ASSERT_EQUAL_FATAL(trusted(data, size, trust), 1);
	for (size_t i = seed % step; i < size; i += step) {
		char old = data[i];
		int out = uncovered(data, data + i);

		data[i] = (char)(old ^ (1 << rand_r(&seed) % 7));
		/* One blank for another between attributes or lines is no change to XML. */
		if (strchr(" \t\r\n", old) && strchr(" \t\r\n", data[i]) && data[i])
			data[i] = 'x';
		if (out)
			outside++;
		else if (!trusted(data, size, trust))
			refused++;
		else if (missed++ < 5)
			printf("\n    byte %zu of %s: '%c' became '%c', and it is still trusted\n",
			       i, path, old, data[i]);
		data[i] = old;
	}
	CU_ASSERT_EQUAL(missed, 0);
	CU_ASSERT_TRUE(refused > 1000);
	printf("\n= %zu single-byte changes refused, %zu where no XML signature covers not tried\n",
	       refused, outside);
	free(data);
}

static void refuses_flips_in_ours(void)
{
	struct sense_certificate_trust *trust;

	need_pki();
	trust = trust_in("root.pem", NULL);
	refuses_a_flipped_byte(at("good.xml"), trust);
	sense_certificate_trust_free(trust);
}

/* PTB's signed example is not part of the project; its signer's certificate is in it. */
static void refuses_flips_in_ptbs(void)
{
	const char *shared = getenv("SENSE_SHARED");
	struct sense_certificate_trust *trust;
	char path[512], *data, *from, *to;
	size_t size;
	FILE *pem;

	need_pki();
	snprintf(path, sizeof(path), "%s/data/dcc/dcc_gp_temperature_typical_v12_v3.2.0_signed.xml",
		 shared ? shared : "../shared");
	if (access(path, R_OK) != 0) {
		printf("\n    without %s: it is not there\n", path);
		return;
	}
	data = slurp(path, &size);
	from = strstr(data, "<ds:X509Certificate>") + strlen("<ds:X509Certificate>");
	to = strstr(from, "<");
	pem = fopen(at("ptb.pem"), "w");
	fprintf(pem, "-----BEGIN CERTIFICATE-----\n");
	for (; from < to; from += 64)
		fprintf(pem, "%.*s\n", to - from < 64 ? (int)(to - from) : 64, from);
	fprintf(pem, "-----END CERTIFICATE-----\n");
	fclose(pem);
	free(data);
	trust = trust_in("ptb.pem", NULL);
	refuses_a_flipped_byte(path, trust);
	sense_certificate_trust_free(trust);
}

static void cleans_up(void)
{
	remove_pki();
}

UNIT_TESTS = { UNIT(believes_good_ones),
	       UNIT(distrusts_strangers),
	       UNIT(hears_of_revocation),
	       UNIT(judges_at_a_time),
	       UNIT(refuses_the_weak),
	       UNIT(refuses_tricks),
	       UNIT(reads_pem),
	       UNIT(refuses_flips_in_ours),
	       UNIT(refuses_flips_in_ptbs),
	       UNIT(cleans_up),
	       UNIT_END };
UNIT_MAIN("certificate-signature")
