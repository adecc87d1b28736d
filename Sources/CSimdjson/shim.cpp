#include "CSimdjson.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include <simdjson.h>

using simdjson::error_code;
namespace ondemand = simdjson::ondemand;

namespace {

// Up to this many fields duplicates are found by comparing all pairs, above it by sorting: hostile input stays n log n.
constexpr size_t pairwise_limit = 16;

// Memory for texts larger than this is given back after use; a node parses megabytes seldom and keeps one parser a loop.
constexpr size_t kept_capacity = 256 * 1024;

fantail_json_result result_of(error_code error) {
    switch (error) {
    case simdjson::SUCCESS: return FANTAIL_JSON_OK;
    case simdjson::CAPACITY: return FANTAIL_JSON_TOO_LARGE;
    case simdjson::DEPTH_ERROR: return FANTAIL_JSON_TOO_DEEP;
    case simdjson::UTF8_ERROR: return FANTAIL_JSON_NOT_UTF8;
    case simdjson::NUMBER_ERROR: return FANTAIL_JSON_BAD_NUMBER;
    case simdjson::INCORRECT_TYPE: return FANTAIL_JSON_NOT_AN_OBJECT;
    default: return FANTAIL_JSON_INVALID;
    }
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// simdjson's raw values reach to the next token.
std::string_view without_trailing_space(std::string_view text) {
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

// The bytes of a key as written. On-Demand knows only where it begins; the unescaped length gives the end unless there
// are escapes, since equal bytes followed by the quote cannot contain a backslash pair (it would be one byte shorter).
size_t written_length(const char *raw, std::string_view unescaped, bool *has_escapes) {
    const size_t n = unescaped.size();
    *has_escapes = !(raw[n] == '"' && std::memcmp(raw, unescaped.data(), n) == 0);
    if (!*has_escapes) return n;
    size_t end = 0;
    while (raw[end] != '"') end += raw[end] == '\\' ? 2 : 1;
    return end;
}

// The four hexadecimal digits of a \u escape in valid JSON.
unsigned code_unit(const uint8_t *digits) {
    unsigned value = 0;
    for (int i = 0; i < 4; i++) {
        const unsigned c = digits[i];
        value = value * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value;
}

// simdjson 3.0.1 refuses some lone surrogates and lets others through; all of them are no text, so none passes.
bool has_lone_surrogate(const uint8_t *text, size_t length) {
    const uint8_t *const end = text + length;
    const uint8_t *at = static_cast<const uint8_t *>(std::memchr(text, '\\', length));
    while (at != nullptr) {
        const uint8_t *next = at + 2;
        if (at[1] == 'u') {
            const unsigned unit = code_unit(at + 2);
            next = at + 6;
            if (unit >= 0xDC00 && unit <= 0xDFFF) return true;
            if (unit >= 0xD800 && unit <= 0xDBFF) {
                if (next[0] != '\\' || next[1] != 'u') return true;
                const unsigned low = code_unit(next + 2);
                if (low < 0xDC00 || low > 0xDFFF) return true;
                next += 6;
            }
        }
        at = static_cast<const uint8_t *>(std::memchr(next, '\\', size_t(end - next)));
    }
    return false;
}

}  // namespace

struct fantail_json_parser {
    fantail_json_parser(size_t max_bytes, size_t max_depth)
        : max_bytes(max_bytes), max_depth(max_depth), dom(library_limit(max_bytes)), on_demand(library_limit(max_bytes)) {}

    // simdjson's own bound lets capacities grow to the next power of two; `reserve` enforces ours.
    static size_t library_limit(size_t max_bytes) { return 2 * max_bytes + 1024; }

    const size_t max_bytes;
    const size_t max_depth;
    simdjson::dom::parser dom;
    ondemand::parser on_demand;
    const char *message = "";

    // Of the object read last.
    std::vector<fantail_json_field> fields;
    std::vector<std::string_view> keys;
    std::vector<uint32_t> order;
    uint32_t repeated = 0;

    fantail_json_result refuse(fantail_json_result result, const char *why) {
        message = why;
        return result;
    }

    fantail_json_result outcome(error_code error) {
        return error == simdjson::SUCCESS ? FANTAIL_JSON_OK : refuse(result_of(error), simdjson::error_message(error));
    }

    // Grown here, to powers of two, because simdjson's own growth would forget `max_depth`.
    template <typename Parser> error_code reserve(Parser &parser, size_t length) {
        if (length > max_bytes) return simdjson::CAPACITY;
        if (parser.capacity() >= length && parser.capacity() > 0 && parser.max_depth() == max_depth) return simdjson::SUCCESS;
        size_t capacity = 1024;
        while (capacity < length) capacity *= 2;
        return parser.allocate(capacity, max_depth);
    }

    void release_excess() {
        if (dom.capacity() > kept_capacity) dom = simdjson::dom::parser(library_limit(max_bytes));
    }

    error_code read_fields(const uint8_t *text, size_t length);
    void drop_repeated_keys();
    bool is_repeated(size_t index) const;
};

error_code fantail_json_parser::read_fields(const uint8_t *text, size_t length) {
    const char *const base = reinterpret_cast<const char *>(text);
    ondemand::document document;
    ondemand::object object;
    SIMDJSON_TRY(on_demand.iterate(base, length, length + simdjson::SIMDJSON_PADDING).get(document));
    SIMDJSON_TRY(document.get_object().get(object));
    for (auto result : object) {
        ondemand::field field;
        SIMDJSON_TRY(std::move(result).get(field));
        const char *const raw_key = field.key().raw();
        std::string_view key;
        SIMDJSON_TRY(field.unescaped_key().get(key));
        bool has_escapes;
        const size_t key_start = size_t(raw_key - base);
        const size_t key_end = key_start + written_length(raw_key, key, &has_escapes);

        ondemand::json_type type;
        std::string_view value;
        SIMDJSON_TRY(field.value().type().get(type));
        if (type == ondemand::json_type::object) {
            ondemand::object nested;
            SIMDJSON_TRY(field.value().get_object().get(nested));
            SIMDJSON_TRY(nested.raw_json().get(value));
        } else if (type == ondemand::json_type::array) {
            ondemand::array nested;
            SIMDJSON_TRY(field.value().get_array().get(nested));
            SIMDJSON_TRY(nested.raw_json().get(value));
        } else {
            value = field.value().raw_json_token();
        }
        value = without_trailing_space(value);
        const size_t value_start = size_t(value.data() - base);
        fields.push_back({uint32_t(key_start), uint32_t(key_end), uint32_t(value_start),
                          uint32_t(value_start + value.size()), has_escapes});
        keys.push_back(key);
    }
    return simdjson::SUCCESS;
}

// Whether an earlier field has the same key.
bool fantail_json_parser::is_repeated(size_t index) const {
    for (size_t i = 0; i < index; i++)
        if (keys[i] == keys[index]) return true;
    return false;
}

void fantail_json_parser::drop_repeated_keys() {
    const size_t count = fields.size();
    order.clear();
    if (count <= pairwise_limit) {
        for (size_t i = 0; i < count; i++)
            if (!is_repeated(i)) order.push_back(uint32_t(i));
    } else {
        for (size_t i = 0; i < count; i++) order.push_back(uint32_t(i));
        // By key and then by place, so that `unique` keeps the first.
        std::sort(order.begin(), order.end(), [this](uint32_t a, uint32_t b) {
            const int relation = keys[a].compare(keys[b]);
            return relation != 0 ? relation < 0 : a < b;
        });
        order.erase(
            std::unique(order.begin(), order.end(), [this](uint32_t a, uint32_t b) { return keys[a] == keys[b]; }),
            order.end());
        std::sort(order.begin(), order.end());
    }
    repeated = 0;
    if (order.size() == count) return;
    size_t first = 0;
    while (first < order.size() && order[first] == first) first++;
    repeated = fields[first].key_start;
    for (size_t i = 0; i < order.size(); i++) fields[i] = fields[order[i]];
    fields.resize(order.size());
}

fantail_json_parser *fantail_json_parser_create(size_t max_bytes, size_t max_depth) {
    return new fantail_json_parser(max_bytes, max_depth);
}

void fantail_json_parser_destroy(fantail_json_parser *parser) { delete parser; }

size_t fantail_json_padding(void) { return simdjson::SIMDJSON_PADDING; }

const char *fantail_json_message(const fantail_json_parser *parser) { return parser->message; }

fantail_json_result fantail_json_validate(fantail_json_parser *parser, const uint8_t *text, size_t length) {
    parser->release_excess();
    error_code error = parser->reserve(parser->dom, length);
    if (error == simdjson::SUCCESS) {
        // `false`: the text already has its padding, no copy is needed.
        error = parser->dom.parse(text, length, false).error();
    }
    if (error != simdjson::SUCCESS) return parser->outcome(error);
    if (has_lone_surrogate(text, length)) return parser->refuse(FANTAIL_JSON_INVALID, "A \\u escape is half a surrogate pair.");
    return FANTAIL_JSON_OK;
}

fantail_json_result fantail_json_fields(
    fantail_json_parser *parser, const uint8_t *text, size_t length, const fantail_json_field **fields, size_t *count,
    uint32_t *repeated) {
    parser->fields.clear();
    parser->keys.clear();
    error_code error = parser->reserve(parser->on_demand, length);
    if (error == simdjson::SUCCESS) error = parser->read_fields(text, length);
    if (error == simdjson::SUCCESS) parser->drop_repeated_keys();
    *fields = parser->fields.data();
    *count = parser->fields.size();
    *repeated = parser->repeated;
    return parser->outcome(error);
}
