// What Swift needs of simdjson, as plain C: the only C++ of the project is behind this header.
#ifndef FANTAIL_CSIMDJSON_H
#define FANTAIL_CSIMDJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// One top-level field, by offsets into the text: the key without its quotes, the value without space around it.
typedef struct {
    uint32_t key_start;
    uint32_t key_end;
    uint32_t value_start;
    uint32_t value_end;
    bool key_has_escapes;
} fantail_json_field;

typedef enum {
    FANTAIL_JSON_OK = 0,
    FANTAIL_JSON_INVALID,
    FANTAIL_JSON_BAD_NUMBER,
    FANTAIL_JSON_NOT_AN_OBJECT,
    FANTAIL_JSON_TOO_DEEP,
    FANTAIL_JSON_TOO_LARGE,
    FANTAIL_JSON_NOT_UTF8,
} fantail_json_result;

/// A DOM and an On-Demand parser with the memory they reuse. For one thread.
typedef struct fantail_json_parser fantail_json_parser;

fantail_json_parser *fantail_json_parser_create(size_t max_bytes, size_t max_depth);
void fantail_json_parser_destroy(fantail_json_parser *parser);

/// How many readable bytes must follow the text, whatever they hold.
size_t fantail_json_padding(void);

/// Whether `text` is one JSON value, all of it: grammar, numbers, UTF-8, depth. `FANTAIL_JSON_BAD_NUMBER`: the first thing
/// wrong is a number, outside the grammar or outside 64 bits and Double; nothing behind it was looked at.
fantail_json_result fantail_json_validate(fantail_json_parser *parser, const uint8_t *text, size_t length);

/// The fields of the object `text`, which must be valid; the first of duplicate keys only. `*fields` belongs to the parser
/// and holds until its next call. `*repeated` is where the first key that stood there before begins, 0 where none does.
fantail_json_result fantail_json_fields(
    fantail_json_parser *parser, const uint8_t *text, size_t length, const fantail_json_field **fields, size_t *count,
    uint32_t *repeated);

/// What is wrong with the last text that was refused, in simdjson's words.
const char *fantail_json_message(const fantail_json_parser *parser);

#ifdef __cplusplus
}
#endif
#endif
