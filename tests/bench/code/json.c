/* A recursive-descent parser of a JSON-like text, with a state struct passed by pointer. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct parser {
    const char *at, *end;
    int depth;
    bool failed;
    long numbers, strings, lists, maps;
    double sum;
};

static bool value(struct parser *p);

static void space(struct parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\t')) {
        p->at++;
    }
}

static bool accept(struct parser *p, char c)
{
    space(p);
    if (p->at < p->end && *p->at == c) {
        p->at++;
        return true;
    }
    return false;
}

static bool string(struct parser *p)
{
    p->strings++;
    while (p->at < p->end && *p->at != '"') {
        p->at += *p->at == '\\' ? 2 : 1;
    }
    return accept(p, '"');
}

static bool number(struct parser *p)
{
    double sign = accept(p, '-') ? -1 : 1, x = 0, scale = 1;
    bool point = false;
    const char *start = p->at;
    for (; p->at < p->end; p->at++) {
        if (*p->at == '.' && !point) {
            point = true;
        } else if (*p->at >= '0' && *p->at <= '9') {
            x = x * 10 + (*p->at - '0');
            scale *= point ? 10 : 1;
        } else {
            break;
        }
    }
    p->numbers++;
    p->sum += sign * x / scale;
    return p->at > start;
}

static bool items(struct parser *p, char close, bool named)
{
    if (accept(p, close)) {
        return true;
    }
    if (++p->depth > 100) {
        return false;
    }
    do {
        if (named && !(accept(p, '"') && string(p) && accept(p, ':'))) {
            return false;
        }
        if (!value(p)) {
            return false;
        }
    } while (accept(p, ','));
    p->depth--;
    return accept(p, close);
}

static bool value(struct parser *p)
{
    space(p);
    if (p->at >= p->end) {
        return false;
    }
    switch (*p->at) {
    case '{':
        p->at++;
        p->maps++;
        return items(p, '}', true);
    case '[':
        p->at++;
        p->lists++;
        return items(p, ']', false);
    case '"':
        p->at++;
        return string(p);
    default:
        return number(p);
    }
}

static char text[1 << 20];

int main(void)
{
    static const char item[] = "{\"name\": \"thing \\\" %d\", \"size\": [%d, -2.5, %d.25], \"tags\": [\"a\", \"bc\", {}]},\n";
    size_t used = 0;
    text[used++] = '[';
    for (int i = 0; used + 200 < sizeof(text); i++) {
        used += (size_t)snprintf(text + used, 150, item, i, i * 3, i % 1000);
    }
    used += (size_t)snprintf(text + used, 50, "0]");
    double sum = 0;
    long count = 0;
    for (int round = 0; round < 180; round++) {
        struct parser p = {.at = text, .end = text + used};
        p.failed = !value(&p);
        sum += p.sum;
        count += p.numbers + p.strings + p.lists + p.maps + p.failed;
    }
    printf("%.2f %ld\n", sum, count);
    return 0;
}
