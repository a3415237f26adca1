/* The log: form of a line, levels, foreign text, limits. */
#include "test.h"

#include "log.h"

#include <errno.h>

/* What `statement` writes to stderr. */
#define LOGGED(statement) \
    do { \
        int pipe_[2], saved_ = dup(2); \
        CHECK(pipe(pipe_) == 0); \
        dup2(pipe_[1], 2); \
        statement; \
        dup2(saved_, 2); \
        close(saved_); \
        close(pipe_[1]); \
        ssize_t n_ = read(pipe_[0], line, sizeof line - 1); \
        line[n_ > 0 ? n_ : 0] = '\0'; \
        close(pipe_[0]); \
    } while (0)

static char line[4096];

static void test_form(void)
{
    int year, month, day, hour, minute, second, ms, end = 0;

    errno = EDOM;
    LOGGED(log_warn("blk", "sector %d is beyond the end", 7));
    CHECK_EQ(errno, EDOM);
    CHECK_EQ(sscanf(line, "%d-%d-%dT%d:%d:%d.%dZ %n", &year, &month, &day, &hour, &minute, &second,
                    &ms, &end), 7);
    CHECK(strcmp(line + end, "warn blk: sector 7 is beyond the end\n") == 0);
}

static void test_levels(void)
{
    LOGGED(log_debug("x", "not shown"));
    CHECK(strcmp(line, "") == 0);
    log_set_level(LOG_DEBUG);
    LOGGED(log_debug("x", "shown"));
    CHECK(strstr(line, " debug x: shown\n"));
    log_set_level(LOG_ERROR);
    LOGGED(log_warn("x", "not shown"));
    CHECK(strcmp(line, "") == 0);
    log_set_level(LOG_INFO);
}

/* One line whatever comes from outside, of bounded length. */
static void test_foreign_text(void)
{
    static char text[3000];

    LOGGED(log_info("net", "name '%s'", "a\nerror x: forged\033[2J"));
    CHECK(strstr(line, "info net: name 'a?error x: forged?[2J'\n"));
    memset(text, 'y', sizeof text - 1);
    LOGGED(log_info("net", "%s", text));
    CHECK_EQ(strlen(line), 1023);
    CHECK(line[1022] == '\n');
    LOGGED(log_info("a-component-whose-name-is-much-too-long-for-any-line", "x"));
    CHECK(strstr(line, " info a-component-whose-name-is-much-t: x\n"));
}

static void test_limits(void)
{
    struct log_limit limit = { 0 };
    uint64_t suppressed = 99, passed = 0;
    bool said = false;

    CHECK(log_first(&said));
    CHECK(!log_first(&said));
    for (int i = 0; i < 1000; i++) {
        passed += log_allowed(&limit, 5, &suppressed);
    }
    CHECK(passed >= 5 && passed <= 10); /* a second may end meanwhile */
    limit.second = -1;
    CHECK(log_allowed(&limit, 5, &suppressed));
    CHECK(suppressed > 900 && suppressed <= 995);
}

/* Last: there is no way back. */
static void test_json(void)
{
    static char text[3000];

    LOGGED(log_event("boot", ""));
    CHECK(strcmp(line, "") == 0);
    log_use_json();
    LOGGED(log_event("end", ",\"status\":3"));
    CHECK(strstr(line, "Z\",\"event\":\"end\",\"status\":3}\n"));
    LOGGED(log_warn("blk", "a \"name\" \\ \n\xc3\xa4"));
    CHECK(strstr(line, "\"level\":\"warn\",\"component\":\"blk\","
                       "\"message\":\"a \\\"name\\\" \\\\ ???\"}\n"));
    memset(text, '"', sizeof text - 1);
    LOGGED(log_warn(text, "%s", text));
    CHECK(line[strlen(line) - 1] == '\n' && strlen(line) < 3072);
}

static const struct test tests[] = {
    { "form", test_form },
    { "levels", test_levels },
    { "foreign-text", test_foreign_text },
    { "limits", test_limits },
    { "json", test_json },
    { NULL, NULL },
};

int main(int argc, char **argv)
{
    return test_main(tests, argc, argv);
}
