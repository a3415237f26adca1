/* The harness of the runtime's tests: a table of functions, each of which CHECKs.
 *
 * A program runs all its tests, or those named in its arguments, prints "ok NAME" for each and
 * exits 0; a failed CHECK prints its place and ends the program.  CHECK_FATAL runs a statement
 * in a child process and checks that it dies by abort() with the given words on stderr. */
#ifndef TEST_H
#define TEST_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct test {
    const char *name;
    void (*run)(void);
};

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            test_failed(__FILE__, __LINE__, #condition); \
        } \
    } while (0)

/* Both are evaluated once; printed as integers when they differ. */
#define CHECK_EQ(a, b) \
    do { \
        long long a_ = (a), b_ = (b); \
        if (a_ != b_) { \
            fprintf(stderr, "%lld against %lld\n", a_, b_); \
            test_failed(__FILE__, __LINE__, #a " == " #b); \
        } \
    } while (0)

#define CHECK_FATAL(statement, words) \
    do { \
        int pipe_[2]; \
        CHECK(pipe(pipe_) == 0); \
        fflush(stdout); \
        pid_t child_ = fork(); \
        if (child_ == 0) { \
            dup2(pipe_[1], 2); \
            statement; \
            _exit(0); \
        } \
        close(pipe_[1]); \
        test_check_death(child_, pipe_[0], words, __FILE__, __LINE__); \
    } while (0)

static void test_failed(const char *file, int line, const char *what)
{
    fflush(stdout);
    fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
    exit(1);
}

static inline void test_check_death(pid_t child, int fd, const char *words, const char *file,
                                    int line)
{
    char said[1000];
    size_t n = 0;
    ssize_t got;
    int status;

    while (n < sizeof said - 1 && (got = read(fd, said + n, sizeof said - 1 - n)) > 0) {
        n += (size_t)got;
    }
    said[n] = '\0';
    close(fd);
    waitpid(child, &status, 0);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT || !strstr(said, words)) {
        fprintf(stderr, "status %#x, said: %s\n", status, said);
        test_failed(file, line, words);
    }
}

static int test_main(const struct test *tests, int argc, char **argv)
{
    for (const struct test *test = tests; test->name; test++) {
        int wanted = argc < 2;
        for (int i = 1; i < argc; i++) {
            wanted |= strcmp(argv[i], test->name) == 0;
        }
        if (wanted) {
            test->run();
            printf("ok %s\n", test->name);
            fflush(stdout);
        }
    }
    return 0;
}

#endif
