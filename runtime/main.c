/* The VMM program: `vmm COMMAND ...`; each command has a file of its own. */
#include <stdio.h>
#include <string.h>

#include "serve.h"
#include "vmm.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    { "run", vmm_run_main, "boot a guest on /dev/kvm" },
    { "serve", serve_main, "serve one device over vhost-user" },
    { "probe", vmm_probe_main, "say what /dev/kvm can do here" },
};

#define N_COMMANDS (sizeof commands / sizeof commands[0])

static void print_help(FILE *out)
{
    fprintf(out, "usage: vmm COMMAND ...\n\n");
    for (unsigned i = 0; i < N_COMMANDS; i++) {
        fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].help);
    }
    fprintf(out, "\n'vmm COMMAND --help' tells more.\n");
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0) {
        print_help(stdout);
        return 0;
    }
    for (unsigned i = 0; i < N_COMMANDS; i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    fprintf(stderr, "vmm: no command '%s'; see 'vmm --help'\n", argv[1]);
    return 2;
}
