#include "TextScan.h"

// Carry-less multiplication is no part of x86-64-v3, but of every processor that has AVX2 (checked at start).
#if defined(__AVX2__)
#include <wmmintrin.h>
#pragma clang attribute push(__attribute__((target("pclmul"))), apply_to = function)
#endif

// One byte at a time: the meaning of the format. The vector code below gives the same answers and comes back here for
// the words that hold something unusual.
static inline uint32_t step(const uint8_t *bytes, size_t at, const ck_text_format *format, uint32_t state,
                            uint32_t *seen, int *isEnd, int *isRowEnd) {
    uint8_t byte = bytes[at];
    *isEnd = 0;
    *isRowEnd = 0;
    if (format->hasQuote) {
        if (state == CK_TEXT_ESCAPED) return CK_TEXT_QUOTED;
        if (state == CK_TEXT_QUOTED) {
            // A doubled quote escapes itself also where the escape byte is the quote.
            if (byte == format->quote) {
                *seen |= CK_TEXT_SAW_QUOTE;
                return CK_TEXT_QUOTE_SEEN;
            }
            if (format->hasEscape && byte == format->escape) {
                *seen |= CK_TEXT_SAW_ESCAPE;
                return CK_TEXT_ESCAPED;
            }
            return CK_TEXT_QUOTED;
        }
        if (byte == format->quote) {
            *seen |= CK_TEXT_SAW_QUOTE;
            if (state == CK_TEXT_FIELD_START || state == CK_TEXT_QUOTE_SEEN) return CK_TEXT_QUOTED;
            return CK_TEXT_PLAIN;
        }
        if (format->hasEscape && byte == format->escape) *seen |= CK_TEXT_SAW_ESCAPE;
    } else if (format->hasEscape) {
        int escaped = state == CK_TEXT_ESCAPED;
        if (byte == format->escape && !escaped) {
            *seen |= CK_TEXT_SAW_ESCAPE;
            return CK_TEXT_ESCAPED;
        }
        if (escaped && byte == format->separator) return CK_TEXT_PLAIN;
    }
    if (byte == format->newline) {
        *isEnd = *isRowEnd = 1;
        return CK_TEXT_FIELD_START;
    }
    if (byte == '\r' && format->endsRowsAtReturn) {
        *seen |= CK_TEXT_SAW_RETURN;
        if (bytes[at + 1] != '\n') {
            *isEnd = *isRowEnd = 1;
            return CK_TEXT_FIELD_START;
        }
    }
    if (byte == format->separator) {
        *isEnd = 1;
        return CK_TEXT_FIELD_START;
    }
    // Blanks before an opening quote are not part of the field.
    if (state == CK_TEXT_FIELD_START && (byte == ' ' || byte == '\t') && format->hasQuote) return CK_TEXT_FIELD_START;
    return CK_TEXT_PLAIN;
}

static uint32_t scan_bytes(const uint8_t *bytes, size_t from, size_t to, const ck_text_format *format, uint32_t state,
                           uint32_t *seen, uint64_t *ends, uint64_t *rowEnds) {
    *ends = 0;
    *rowEnds = 0;
    for (size_t at = from; at < to; at++) {
        int isEnd, isRowEnd;
        state = step(bytes, at, format, state, seen, &isEnd, &isRowEnd);
        *ends |= (uint64_t)isEnd << (at - from);
        *rowEnds |= (uint64_t)isRowEnd << (at - from);
    }
    return state;
}

#if defined(__AVX2__)

typedef struct {
    __m256i low, high;
} word_t;

static inline __attribute__((always_inline)) uint64_t equal(word_t word, uint8_t byte) {
    __m256i pattern = _mm256_set1_epi8((char)byte);
    uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(word.low, pattern));
    uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(word.high, pattern));
    return (uint64_t)low | (uint64_t)high << 32;
}

static inline __attribute__((always_inline)) uint64_t prefix_xor(uint64_t bits) {
    __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)bits), _mm_set1_epi8((char)0xFF), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

// A field that begins with blanks looks plain to the vector code; before byte-wise work the truth is looked up.
static uint32_t exact_state(const uint8_t *bytes, size_t first, size_t at, const ck_text_format *format,
                            uint32_t state) {
    if (state != CK_TEXT_PLAIN || !format->hasQuote) return state;
    size_t back = at;
    while (back > first && (bytes[back - 1] == ' ' || bytes[back - 1] == '\t') && bytes[back - 1] != format->separator)
        back--;
    if (back == at) return state;
    if (back == first) return CK_TEXT_FIELD_START;
    uint8_t before = bytes[back - 1];
    if (before == format->separator || before == format->newline) return CK_TEXT_FIELD_START;
    if (before == '\r' && format->endsRowsAtReturn && bytes[back] != '\n') return CK_TEXT_FIELD_START;
    return state;
}

// The ends of fields and rows among the 64 bytes at `at` (`valid`: which of them count), and the state after them.
static inline __attribute__((always_inline)) uint32_t
scan_word(const uint8_t *bytes, size_t first, size_t at, size_t count, const ck_text_format *format, uint32_t state,
          uint32_t *seen, uint64_t *ends, uint64_t *rowEnds, int hasQuote, int hasEscape, int returns) {
    uint64_t valid = count >= 64 ? ~0ull : (1ull << count) - 1;
    word_t word = {_mm256_loadu_si256((const __m256i *)(bytes + at)),
                   _mm256_loadu_si256((const __m256i *)(bytes + at + 32))};
    uint64_t separators = equal(word, format->separator) & valid;
    uint64_t newlines = equal(word, format->newline) & valid;
    if (returns) {
        uint64_t carriage = equal(word, '\r') & valid;
        if (carriage) {
            *seen |= CK_TEXT_SAW_RETURN;
            uint64_t feeds = equal(word, '\n') >> 1 | (uint64_t)(bytes[at + 64] == '\n') << 63;
            if (count < 64 && bytes[at + count] != '\n') feeds &= ~(1ull << (count - 1));
            newlines |= carriage & ~feeds;
        }
    }
    if (!hasQuote) {
        if (hasEscape) {
            uint64_t escapes = equal(word, format->escape) & valid;
            if (escapes || state == CK_TEXT_ESCAPED) {
                size_t end = at + (count < 64 ? count : 64);
                return scan_bytes(bytes, at, end, format, state, seen, ends, rowEnds);
            }
            state = CK_TEXT_PLAIN;
        }
        *ends = separators | newlines;
        *rowEnds = newlines;
        return state;
    }
    uint64_t quotes = equal(word, format->quote) & valid;
    uint64_t escapes = 0;
    if (hasEscape) {
        escapes = equal(word, format->escape) & valid;
        if (escapes) *seen |= CK_TEXT_SAW_ESCAPE;
    }
    if (quotes == 0 && state != CK_TEXT_ESCAPED && (state != CK_TEXT_QUOTED || escapes == 0)) {
        if (state == CK_TEXT_QUOTED) {
            *ends = 0;
            *rowEnds = 0;
            return state;
        }
        *ends = separators | newlines;
        *rowEnds = newlines;
        size_t last = (count < 64 ? count : 64) - 1;
        return (*ends >> last) & 1 ? CK_TEXT_FIELD_START : CK_TEXT_PLAIN;
    }
    *seen |= CK_TEXT_SAW_QUOTE;
    uint64_t inside = prefix_xor(quotes);
    if (state == CK_TEXT_QUOTED) inside = ~inside;
    uint64_t structural = (separators | newlines) & ~inside;
    uint64_t opening = quotes & inside;
    uint64_t closing = quotes & ~inside;
    uint64_t before = structural << 1 | closing << 1 | (uint64_t)(state == CK_TEXT_FIELD_START || state == CK_TEXT_QUOTE_SEEN);
    if (state == CK_TEXT_ESCAPED || (opening & ~before) || (escapes & inside)) {
        size_t end = at + (count < 64 ? count : 64);
        return scan_bytes(bytes, at, end, format, exact_state(bytes, first, at, format, state), seen, ends, rowEnds);
    }
    *ends = structural;
    *rowEnds = newlines & ~inside;
    size_t last = (count < 64 ? count : 64) - 1;
    if ((inside >> last) & 1) return CK_TEXT_QUOTED;
    if ((structural >> last) & 1) return CK_TEXT_FIELD_START;
    return (closing >> last) & 1 ? CK_TEXT_QUOTE_SEEN : CK_TEXT_PLAIN;
}

#else

static inline uint32_t scan_word(const uint8_t *bytes, size_t first, size_t at, size_t count,
                                 const ck_text_format *format, uint32_t state, uint32_t *seen, uint64_t *ends,
                                 uint64_t *rowEnds, int hasQuote, int hasEscape, int returns) {
    (void)first, (void)hasQuote, (void)hasEscape, (void)returns;
    return scan_bytes(bytes, at, at + (count < 64 ? count : 64), format, state, seen, ends, rowEnds);
}

#endif

static inline __attribute__((always_inline)) void scan_loop(const uint8_t *bytes, size_t from, size_t to,
                                                            const ck_text_format *format, uint32_t *positions,
                                                            uint32_t *rowEnds, ck_text_result *result, int hasQuote,
                                                            int hasEscape, int returns) {
    uint32_t state = result->state, seen = result->seen;
    size_t fields = 0, rows = 0;
    for (size_t at = from; at < to; at += 64) {
        uint64_t ends, newlines;
        state = scan_word(bytes, from, at, to - at, format, state, &seen, &ends, &newlines, hasQuote, hasEscape,
                          returns);
        uint64_t rest = newlines;
        while (rest) {
            uint64_t below = (rest & -rest) - 1;
            rowEnds[rows++] = (uint32_t)(fields + (size_t)__builtin_popcountll(ends & below));
            rest &= rest - 1;
        }
        size_t count = (size_t)__builtin_popcountll(ends);
        uint32_t *out = positions + fields;
        uint32_t base = (uint32_t)at;
        // Eight at a time; what is written past `count` is overwritten by the next word.
        while (count > 0) {
            for (int index = 0; index < 8; index++) {
                out[index] = base + (uint32_t)__builtin_ctzll(ends | (1ull << 63));
                ends &= ends - 1;
            }
            out += 8;
            if (count <= 8) break;
            count -= 8;
        }
        fields = (size_t)(out - positions) - (count > 0 ? 8 - count : 0);
    }
    result->state = state;
    result->seen = seen;
    result->fieldCount = fields;
    result->rowCount = rows;
}

void ck_text_scan(const uint8_t *bytes, size_t from, size_t to, const ck_text_format *format, uint32_t *positions,
                  uint32_t *rowEnds, ck_text_result *result) {
    if (format->hasQuote) {
        scan_loop(bytes, from, to, format, positions, rowEnds, result, 1, format->hasEscape, format->endsRowsAtReturn);
    } else if (format->hasEscape) {
        scan_loop(bytes, from, to, format, positions, rowEnds, result, 0, 1, format->endsRowsAtReturn);
    } else {
        scan_loop(bytes, from, to, format, positions, rowEnds, result, 0, 0, format->endsRowsAtReturn);
    }
}

static inline __attribute__((always_inline)) void count_loop(const uint8_t *bytes, size_t to,
                                                             const ck_text_format *format, ck_text_result *result,
                                                             size_t *lastEnd, int hasQuote, int hasEscape,
                                                             int returns) {
    uint32_t state = result->state, seen = result->seen;
    size_t rows = 0;
    for (size_t at = 0; at < to; at += 64) {
        uint64_t ends, newlines;
        state = scan_word(bytes, 0, at, to - at, format, state, &seen, &ends, &newlines, hasQuote, hasEscape, returns);
        if (newlines) {
            rows += (size_t)__builtin_popcountll(newlines);
            *lastEnd = at + 63 - (size_t)__builtin_clzll(newlines);
        }
    }
    result->state = state;
    result->seen = seen;
    result->rowCount = rows;
}

void ck_text_count(const uint8_t *bytes, size_t to, const ck_text_format *format, ck_text_result *result,
                   size_t *lastEnd) {
    if (format->hasQuote) {
        count_loop(bytes, to, format, result, lastEnd, 1, format->hasEscape, format->endsRowsAtReturn);
    } else {
        // Escapes do not reach over row ends.
        count_loop(bytes, to, format, result, lastEnd, 0, 0, format->endsRowsAtReturn);
    }
}

#if defined(__AVX2__)
#pragma clang attribute pop
#endif
