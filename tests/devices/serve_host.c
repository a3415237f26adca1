/*
 * `vmm serve` alone, for builds of the daemon without KVM. argv[1] is the device. Without the sandbox:
 * it knows what cpc's build calls, not what a sanitizer does.
 */
#include "serve.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    char **arguments;
    int status;

    if (argc < 2) {
        return serve_main(argc, argv);
    }
    arguments = calloc((size_t)argc + 2, sizeof *arguments);
    if (!arguments) {
        return 1;
    }
    memcpy(arguments, argv, 2 * sizeof *arguments);
    arguments[2] = (char *)(uintptr_t)"--no-sandbox";
    memcpy(arguments + 3, argv + 2, (size_t)(argc - 2) * sizeof *arguments);
    status = serve_main(argc + 1, arguments);
    free(arguments);
    return status;
}
