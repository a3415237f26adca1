/* `vmm serve` alone, for builds of the daemon without KVM. argv[1] is the device. */
#include "serve.h"

int main(int argc, char **argv)
{
    return serve_main(argc, argv);
}
