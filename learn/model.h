/* A trained classifier: what a text is about, and how sure that is. Linear: each feature of the text votes for classes with learned weights.
 *
 * The file, little-endian, written by train.c:
 *
 *     offset  bytes  what
 *          0      8  "REEVEMDL"
 *          8      4  MODEL_VERSION
 *         12      4  classes C
 *         16      4  features F
 *         20      4  weights W
 *         24      4  bytes of all labels L
 *         28      4  examples it learned from
 *         32      8  time of the newest of them, milliseconds since 1970, signed
 *         40      4  scale of a weight, IEEE 754 single
 *         44      4  sharpness: scores are multiplied by it before they become confidences, IEEE 754 single
 *         48    4 C  bias of each class, IEEE 754 single
 *                4 C  bytes of each label
 *                  L  the labels, UTF-8, one after the other
 *                4 F  the features' hashes, ascending
 *                4 F  how many weights each has
 *                4 W  the weights, feature after feature: class (2 bytes), weight / scale (2 bytes, signed)
 *                  8  CRC-64/XZ of all before
 *
 * It is read as a whole, not mapped: a file that is replaced while it is in use must not change or end what is being read. */
#ifndef REEVE_LEARN_MODEL_H
#define REEVE_LEARN_MODEL_H

#include "base/span.h"

#define MODEL_MAGIC "REEVEMDL"
#define MODEL_VERSION 1
#define MODEL_HEADER_BYTES 48
#define MODEL_BYTES_MOST ((size_t)256 << 20)
#define MODEL_CLASSES_MOST 4096

struct model;

/* Copies what it needs. NULL with one line in error: not a model, a newer format, or damaged. */
struct model *model_read(struct span bytes, char *error, size_t error_size);
/* The same from a file. */
struct model *model_load(const char *path, char *error, size_t error_size);
/* Takes NULL. */
void model_free(struct model *model);

size_t model_class_count(const struct model *model);
struct span model_label(const struct model *model, size_t class);
int64_t model_examples(const struct model *model);
/* Time of the newest example, milliseconds since 1970. */
int64_t model_newest(const struct model *model);

/* How sure the model is of each class, summing up to 1, into an array of model_class_count. False when it knows
 * less than a quarter of the text's features (another language, another subject): then no class is likelier than another. */
bool model_weigh(const struct model *model, const struct span *texts, size_t text_count, float *ret_confidence);
/* The likeliest class, -1: it knows too little of the text. */
int model_classify(const struct model *model, const struct span *texts, size_t text_count, double *ret_confidence);

/* CRC-64/XZ (ECMA-182, reflected). */
uint64_t model_checksum(struct span bytes);

#endif
