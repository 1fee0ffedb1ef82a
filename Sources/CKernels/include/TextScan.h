// Structural scans of text files: where fields and rows of delimited text end, and where JSON strings end.
#ifndef ATHENA_LITE_TEXT_SCAN_H
#define ATHENA_LITE_TEXT_SCAN_H

#include <stddef.h>
#include <stdint.h>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

/// The bytes that give delimited text its structure.
typedef struct {
    uint8_t separator;
    uint8_t newline;
    /// Used when hasQuote (OpenCSV) is set.
    uint8_t quote;
    /// Used when hasEscape is set.
    uint8_t escape;
    uint8_t hasQuote;
    uint8_t hasEscape;
    /// A carriage return that no newline follows ends a row too.
    uint8_t endsRowsAtReturn;
} ck_text_format;

/// What the byte before the next one to scan left behind.
enum {
    CK_TEXT_FIELD_START = 0,
    CK_TEXT_PLAIN = 1,
    CK_TEXT_QUOTED = 2,
    /// After a quote inside a quoted field: its end, or the first half of a doubled quote.
    CK_TEXT_QUOTE_SEEN = 3,
    /// After an escape byte.
    CK_TEXT_ESCAPED = 4
};

enum { CK_TEXT_SAW_QUOTE = 1, CK_TEXT_SAW_ESCAPE = 2, CK_TEXT_SAW_RETURN = 4 };

typedef struct {
    /// In: the state before the first byte. Out: after the last.
    uint32_t state;
    /// Out: CK_TEXT_SAW_ bits, added to those that are set.
    uint32_t seen;
    /// Out: ends of fields written (separators and row ends).
    size_t fieldCount;
    /// Out: row ends written.
    size_t rowCount;
} ck_text_result;

/// Finds separators and row ends in bytes[from..<to].
///
/// `positions` gets the offset of each, in order; `rowEnds` the index within `positions` of each row end. Both need
/// room for to - from entries and 16 more. 64 bytes before `from` rounded down and past `to` must be readable; when
/// endsRowsAtReturn is set, bytes[to] must be known (or not a newline at the end of the file).
void ck_text_scan(const uint8_t *bytes, size_t from, size_t to, const ck_text_format *format, uint32_t *positions,
                  uint32_t *rowEnds, ck_text_result *result);

/// Counts row ends in bytes[0..<to] as ck_text_scan finds them, and says where the last one lies
/// (lastEnd: its offset, unchanged when there is none). Only rowCount, state and seen of `result` are set.
void ck_text_count(const uint8_t *bytes, size_t to, const ck_text_format *format, ck_text_result *result,
                   size_t *lastEnd);

/// The first `"`, backslash or newline at or after `at`, or `end`. 32 bytes past `end` must be readable.
static inline __attribute__((always_inline)) const uint8_t *ck_json_string_end(const uint8_t *at, const uint8_t *end) {
#if defined(__AVX2__)
    const __m256i quote = _mm256_set1_epi8('"');
    const __m256i backslash = _mm256_set1_epi8('\\');
    const __m256i newline = _mm256_set1_epi8('\n');
    while (at < end) {
        __m256i block = _mm256_loadu_si256((const __m256i *)at);
        uint32_t hits = (uint32_t)_mm256_movemask_epi8(
            _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(block, quote), _mm256_cmpeq_epi8(block, backslash)),
                            _mm256_cmpeq_epi8(block, newline)));
        if (hits) {
            const uint8_t *found = at + __builtin_ctz(hits);
            return found < end ? found : end;
        }
        at += 32;
    }
    return end;
#else
    while (at < end && *at != '"' && *at != '\\' && *at != '\n') at++;
    return at;
#endif
}

/// The first `"`, brace or bracket at or after `at`, or `end`. 32 bytes past `end` must be readable.
static inline __attribute__((always_inline)) const uint8_t *ck_json_structure(const uint8_t *at, const uint8_t *end) {
#if defined(__AVX2__)
    // '[' and '{' differ in bit 5 only, as do ']' and '}'.
    const __m256i quote = _mm256_set1_epi8('"');
    const __m256i fold = _mm256_set1_epi8(0x20);
    const __m256i open = _mm256_set1_epi8('{');
    const __m256i close = _mm256_set1_epi8('}');
    while (at < end) {
        __m256i block = _mm256_loadu_si256((const __m256i *)at);
        __m256i folded = _mm256_or_si256(block, fold);
        uint32_t hits = (uint32_t)_mm256_movemask_epi8(
            _mm256_or_si256(_mm256_cmpeq_epi8(block, quote),
                            _mm256_or_si256(_mm256_cmpeq_epi8(folded, open), _mm256_cmpeq_epi8(folded, close))));
        if (hits) {
            const uint8_t *found = at + __builtin_ctz(hits);
            return found < end ? found : end;
        }
        at += 32;
    }
    return end;
#else
    while (at < end && *at != '"' && (*at | 0x20) != '{' && (*at | 0x20) != '}') at++;
    return at;
#endif
}

#endif
